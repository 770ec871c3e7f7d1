using OrleansPbft.Core;
using OrleansPbft.Tests;

namespace OrleansPbft.Client.Tests;

/// <summary>What is read of replies before anything of them is verified.</summary>
public sealed class ReplyHeaderTests
{
    /// <summary>C-6: a client port sees which replies are refusals, of requests and of reads, and whose.</summary>
    [Fact]
    public void A_refusal_is_known_by_its_status()
    {
        using var replicas = new SealedReplicas();
        var limits = new WireLimits(replicas.Options);
        ClientId client = new(77);
        byte[][] refusals =
        [
            replicas.Seal(0, new(client, new(1), 1), ReplyStatus.Busy, []),
            replicas.SealRead(0, client, 5, [], status: ReadStatus.Busy),
        ];
        byte[][] others =
        [
            replicas.Seal(0, new(client, new(1), 1), ReplyStatus.Executed, SealedReplicas.Results("r")),
            replicas.Seal(0, new(client, SessionId.None, 1), ReplyStatus.SessionOpened),
            replicas.SealRead(0, client, 5, SealedReplicas.Results("r")),
            refusals[0][..^1],
            [],
        ];

        Assert.All(refusals, refusal =>
        {
            Assert.True(ReplyHeader.IsRefusal(refusal, limits, out var refused));
            Assert.Equal(client, refused);
        });
        Assert.All(others, other => Assert.False(ReplyHeader.IsRefusal(other, limits, out _)));
    }
}
