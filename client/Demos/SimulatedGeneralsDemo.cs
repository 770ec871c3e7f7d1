using System.Buffers.Binary;
using System.Security.Cryptography;
using OrleansPbft.Core;
using OrleansPbft.Simulation.Generals;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>Attack or retreat among any number of generals and traitors, in a cluster simulated in this process.</summary>
internal sealed class SimulatedGeneralsDemo : Demo
{
    private readonly int _generals;
    private readonly int _traitors;
    private readonly ClusterSize _size;
    private readonly ulong _seed;

    /// <param name="generals">n.</param>
    /// <param name="traitors">How many of them are traitors; f when not given.</param>
    /// <param name="seed">What the simulation is drawn from; drawn itself when not given.</param>
    /// <exception cref="UsageException">There are too few generals, too many, or no loyal one.</exception>
    public SimulatedGeneralsDemo(int generals, int? traitors, ulong? seed)
    {
        if (generals is < 4 or > ClusterSize.ReplicasMax) throw new UsageException($"--generals must be 4 to {ClusterSize.ReplicasMax}: three can not bear a single traitor.");
        _generals = generals;
        _size = new(generals);
        _traitors = traitors ?? _size.MaxFaulty;
        if (_traitors < 0 || _traitors >= generals) throw new UsageException($"--traitors must be 0 to {generals - 1}: somebody must be loyal.");
        _seed = seed ?? BinaryPrimitives.ReadUInt32LittleEndian(RandomNumberGenerator.GetBytes(sizeof(uint)));
    }

    public override string Name => "generals";

    public override string Summary => $"attack or retreat: {_generals} generals, {_traitors} of them traitors, in a cluster simulated in this process";

    public override string Point => _traitors <= _size.MaxFaulty
        ? "With n = 3f + 1 generals, f traitors can keep no two loyal ones from the same decision: the first order in the replicated log, which all loyal ones read alike."
        : "n = 3f + 1 is needed: more than f traitors can outvote the truth, so that loyal generals may believe different things, or nothing at all.";

    /// <summary>Plays it.</summary>
    public async Task PlayAsync(Narrator narrator, CancellationToken cancellationToken)
    {
        var tolerated = _size.MaxFaulty;
        await narrator.StepAsync(
            $"{_generals} generals, each with a replica of its own. {_traitors} are traitors, whose replicas lie; {tolerated} can be borne.", cancellationToken);
        await narrator.SayAsync(
            "Every loyal general proposes: write my order if there is none yet. Then it asks all replicas what is written, and believes f + 1 that say the same.");
        var report = GeneralsRun.Execute([.. Enumerable.Range(0, _generals).Select(Council.OrderOf)], _traitors, _seed);
        var traitors = report.Traitors.ToHashSet();

        await narrator.StepAsync("What the loyal generals heard and decided.", cancellationToken);
        Council[] council = [.. report.Loyal.Select(static general => new Council(
            general.General,
            general.Order,
            general.Decision is { } decision ? Wording.Of(decision) : null,
            [.. general.Heard.Select(static reply => reply is null ? null : Wording.Of(reply))]))];
        await narrator.ObserveAsync(Council.Describe(council, traitors), Council.ToJson(council, traitors));
        await narrator.ObserveAsync(
            $"it took {Wording.Of(report.Elapsed)} of simulated time; the traitors lied {report.Lies} times; seed {_seed} plays the same again",
            new()
            {
                ["kind"] = "simulation",
                ["simulatedMilliseconds"] = Wording.Milliseconds(report.Elapsed),
                ["lies"] = report.Lies,
                ["seed"] = _seed,
                ["haveOneState"] = report.HaveOneState,
            });

        var agree = Council.Agree(council);
        if (_traitors <= tolerated)
        {
            await narrator.CheckAsync(_traitors == 0 || report.Lies > 0, _traitors == 0 ? "nobody lied" : "the traitors did lie");
            await narrator.CheckAsync(agree, $"all {council.Length} loyal generals decide the same: {council[0].Decision ?? "nothing"}");
            await narrator.CheckAsync(report.HaveOneState, "the loyal generals' replicas have one state");
            return;
        }

        string[] decisions = [.. council.GroupBy(static general => general.Decision ?? "nothing").Select(static group => $"{group.Count()} {group.Key}")];
        await narrator.SayAsync(agree
            ? "The loyal generals agree this time. Nothing guarantees it: another seed may show it otherwise."
            : $"The loyal generals do not agree on an order: {string.Join(", ", decisions)}. That is what {_traitors} traitors among {_generals} can do.");
    }
}
