using System.Globalization;
using System.Text;
using OrleansPbft.Core;
using OrleansPbft.Simulation.Cluster;
using OrleansPbft.Simulation.Network;

namespace OrleansPbft.Simulation;

/// <summary>Everything a run is made of, drawn from its seed: cluster, options, network, faults, clients. The same seed and changes, the same plan.</summary>
public sealed record SimulationPlan
{
    internal SimulationPlan(ulong seed, PlanChanges changes, ProtocolOptions options)
    {
        Seed = seed;
        Changes = changes;
        Options = options;
    }

    /// <summary>What everything is drawn from.</summary>
    public ulong Seed { get; }

    /// <summary>What was set otherwise.</summary>
    public PlanChanges Changes { get; }

    /// <summary>The cluster's options.</summary>
    public ProtocolOptions Options { get; internal init; }

    /// <summary>Whether envelopes are truly signed, and damaged ones thereby noticed. Few runs are: a signature costs a hundred steps.</summary>
    public bool IsSigned { get; internal init; }

    /// <summary>How many clients there are.</summary>
    public int Clients { get; internal init; }

    /// <summary>How many more there are that do what no correct client does.</summary>
    public int FaultyClients { get; internal init; }

    /// <summary>How many requests each client makes while the network is bad.</summary>
    public int RequestsPerClient { get; internal init; }

    /// <summary>How many more each makes once it has healed: traffic that shows laggards what they lack.</summary>
    public int RequestsAfterHealing { get; internal init; }

    /// <summary>Whether requests come spread over the safety phase; otherwise each as soon as those before it are answered.</summary>
    public bool SpreadsRequests { get; internal init; }

    /// <summary>How many of a thousand requests only read, and are not ordered where that can be avoided (rule C-7).</summary>
    public int ReadsPerMille { get; internal init; }

    /// <summary>How many requests a client has in flight at most.</summary>
    public int InFlightMax { get; internal init; }

    /// <summary>How many operations a request bundles at most.</summary>
    public int OperationsPerRequestMax { get; internal init; }

    /// <summary>How long a written value is at most, in bytes.</summary>
    public int ValueBytesMax { get; internal init; }

    /// <summary>How long the network is bad.</summary>
    public TimeSpan SafetyPhase { get; internal init; }

    /// <summary>Whether state digests are compared after every batch; otherwise only at checkpoints and at the end.</summary>
    public bool ComparesEveryState { get; internal init; }

    /// <summary>What is wrong with each replica that has something wrong with it.</summary>
    public IReadOnlyDictionary<ReplicaId, FaultKind> Faults { get; internal init; } = new Dictionary<ReplicaId, FaultKind>();

    /// <summary>When faults begin, from the start.</summary>
    public TimeSpan FaultsBegin { get; internal init; }

    /// <summary>What befalls the cluster while the network is bad, each with its number.</summary>
    internal IReadOnlyList<(int Number, Happening Happening)> Happenings { get; init; } = [];

    /// <summary>Who loses its disk; null for nobody. Where somebody does, all replicas begin as learners.</summary>
    internal DiskLoss? DiskLoss { get; init; }

    internal NetworkConditions Conditions { get; init; } = NetworkConditions.Good;

    internal ClientSessionOptions ClientOptions { get; init; } = new() { Cluster = new(1) };

    internal IReadOnlyList<LoopOptions> Loops { get; init; } = [];

    /// <summary>How journals are kept; null where a model of them does.</summary>
    internal DiskConditions? Disks { get; init; }

    /// <summary>The one argument that makes this plan again: <c>seed=48,clients=1</c>.</summary>
    public string Argument => Changes == PlanChanges.None ? $"seed={Seed}" : $"seed={Seed},{Changes}";

    /// <summary>The one line that runs this plan again.</summary>
    public string Replay => $"dotnet run --project client -- simulate --plan {Argument}";

    /// <summary>Draws the plan of a seed.</summary>
    /// <param name="seed">What everything is drawn from.</param>
    /// <param name="changes">What is set otherwise; nothing by default.</param>
    /// <exception cref="ArgumentException">The changes contradict each other or the protocol's limits.</exception>
    public static SimulationPlan Draw(ulong seed, PlanChanges? changes = null) => PlanDrawing.Draw(seed, changes ?? PlanChanges.None);

    /// <summary>Reads what <see cref="Argument"/> wrote.</summary>
    /// <exception cref="ArgumentException">It is no plan; the message says why.</exception>
    public static SimulationPlan Parse(string argument)
    {
        ArgumentNullException.ThrowIfNull(argument);
        var comma = argument.IndexOf(',', StringComparison.Ordinal);
        var head = comma < 0 ? argument : argument[..comma];
        if (!head.StartsWith("seed=", StringComparison.Ordinal) || !ulong.TryParse(head.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var seed))
        {
            throw new ArgumentException($"'{argument}' is no plan. It begins with seed=<number>.");
        }

        return Draw(seed, comma < 0 ? PlanChanges.None : PlanChanges.Parse(argument[(comma + 1)..]));
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"seed {Seed}: {Options.Cluster} K={Options.CheckpointInterval} L={Options.LogWindow} W={Options.SessionWindow}" +
            $" batch {Options.BatchMax} in {Options.BatchDelayMax.TotalMilliseconds} ms, pipeline {Options.Pipeline}, pending {Options.PendingMax}," +
            $" sessions {Options.SessionsMax}, {(!IsSigned ? "plain" : Options.Authentication == AuthenticationMode.Macs ? "with MACs" : "signed")}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  {Clients} clients x ({RequestsPerClient} + {RequestsAfterHealing}) requests of up to {OperationsPerRequestMax}" +
            $" operations, {InFlightMax} in flight, values up to {ValueBytesMax} B{(SpreadsRequests ? ", spread" : "")}, {ReadsPerMille}‰ reads; {FaultyClients} faulty clients");
        text.AppendLine(CultureInfo.InvariantCulture, $"  network for {SafetyPhase.TotalMilliseconds} ms: {Conditions}");
        if (Disks is not null) text.AppendLine(CultureInfo.InvariantCulture, $"  {Disks}");
        foreach (var (number, happening) in Happenings) text.AppendLine(CultureInfo.InvariantCulture, $"  #{number} {happening}");
        foreach (var (replica, fault) in Faults) text.AppendLine(CultureInfo.InvariantCulture, $"  {replica} {fault} from {FaultsBegin.TotalMilliseconds} ms");
        if (DiskLoss is not null) text.AppendLine(CultureInfo.InvariantCulture, $"  {DiskLoss}");
        return text.ToString();
    }
}
