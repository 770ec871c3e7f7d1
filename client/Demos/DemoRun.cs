using OrleansPbft.Client;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>Plays one scenario from its beginning to its end, whatever its end is, and leaves nothing broken.</summary>
internal static class DemoRun
{
    /// <summary>The shortest time that an answer gets which must come: a view change or two fit in.</summary>
    private static readonly TimeSpan PatienceMin = TimeSpan.FromSeconds(30);

    /// <summary>Plays a scenario on the cluster at an endpoint.</summary>
    /// <param name="demo">The scenario.</param>
    /// <param name="endpoint">The silo's address.</param>
    /// <param name="timeout">How long the person in front of it would wait for an answer.</param>
    /// <param name="narrator">Who tells it.</param>
    /// <param name="cancellationToken">Ends it early; what is broken is healed all the same.</param>
    /// <exception cref="PbftException">No cluster answers there, or its silo allows no faults on purpose.</exception>
    public static async Task<VerbResult> PlayAsync(
        LiveDemo demo, Uri endpoint, TimeSpan timeout, Narrator narrator, CancellationToken cancellationToken)
    {
        await using var connection = await ClusterConnection.ConnectAsync(endpoint, cancellationToken: cancellationToken);
        await using var stage = new Stage(endpoint, connection, narrator, timeout > PatienceMin ? timeout : PatienceMin, TimeProvider.System);
        if (await stage.FindObstacleAsync(cancellationToken) is { } obstacle) return VerbResult.Error(ExitCode.Failure, "not-ready", obstacle);
        if (demo.BreaksReplicas) await FaultsDocument.FetchAsync(endpoint, cancellationToken); // refused at once, before anything is told
        await narrator.OpenAsync(demo);

        VerbResult? failure = null;
        string? unhealed;
        try
        {
            await demo.PlayAsync(stage, cancellationToken);
        }
        catch (Exception exception) when (Failures.Describe(exception) is { } described)
        {
            failure = described;
        }
        finally
        {
            unhealed = await stage.HealAnywayAsync();
        }

        if (unhealed is not null) failure = VerbResult.Error(ExitCode.Failure, "not-healed", unhealed);
        return narrator.Conclude(demo, failure);
    }

    /// <summary>Plays the generals in this process.</summary>
    public static async Task<VerbResult> PlayAsync(SimulatedGeneralsDemo demo, Narrator narrator, CancellationToken cancellationToken)
    {
        await narrator.OpenAsync(demo);
        await demo.PlayAsync(narrator, cancellationToken);
        return narrator.Conclude(demo, failure: null);
    }
}
