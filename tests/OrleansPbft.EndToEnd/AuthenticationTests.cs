using OrleansPbft.Core;

namespace OrleansPbft.EndToEnd;

/// <summary>A federation in either mode of authentication: processes that say their session keys to each other, and lose them with every kill (rule A-2).</summary>
public sealed class AuthenticationTests
{
    [Theory]
    [InlineData("Macs")]
    [InlineData("Signatures")]
    public async Task A_federation_of_either_mode_serves_through_kills_and_loses_nothing(string mode)
    {
        await using var federation = await Federation.CreateAsync(keys: ["--authentication", mode], settings: ["--Pbft:SessionKeyLifetime=00:00:02"]);
        Assert.Equal(mode, federation.File.Options.Authentication.ToString());
        await federation.StartAllAsync();
        await using var load = federation.BeginLoad(clients: 2);
        await load.GoesOnAsync();

        for (var replica = 3; replica >= 2; replica--)
        {
            await federation.KillAsync(replica);
            await load.GoesOnAsync();
            await federation.StartAsync(replica);
            await federation.CaughtUpAsync(replica);
        }

        await federation.KillAllAsync();
        await federation.StartAllAsync();
        await load.GoesOnAsync();
        await federation.EndAsync(load);

        foreach (var replica in (await federation.StatusAsync()).Replicas)
        {
            Assert.Equal(0, replica.Rejected.GetValueOrDefault(nameof(RejectReason.BadMac)));
            Assert.Equal(0, replica.Rejected.GetValueOrDefault(nameof(RejectReason.WrongMode)));
        }
    }
}
