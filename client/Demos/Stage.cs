using System.Text.Json.Nodes;
using OrleansPbft.Client;
using OrleansPbft.Core;
using OrleansPbft.Services;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>What scenarios play on: a running cluster as any user of the console has it, and the narrator. Remembers what was broken.</summary>
internal sealed class Stage(Uri endpoint, ClusterConnection connection, Narrator narrator, TimeSpan patience, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    private readonly List<DemoClient> _clients = [];
    private readonly SortedSet<int> _broken = [];
    private readonly HashSet<(int Replica, string Sentence)> _knownEvidence = [];

    public Uri Endpoint => endpoint;

    public Narrator Narrator => narrator;

    public TimeProvider Time => time;

    public ClusterSize Cluster => connection.Cluster.Cluster;

    /// <summary>How long a client of the scenarios waits for an answer that must come.</summary>
    public TimeSpan Patience => patience;

    /// <summary>An entry that nobody else counts on.</summary>
    public string Key { get; private set; } = "demo";

    /// <summary>Makes a client with a key of its own.</summary>
    public DemoClient OpenClient(TimeSpan? waits = null)
    {
        var client = new DemoClient(connection, waits ?? patience, time);
        if (_clients.Count == 0) Key = $"demo/{client.Id.ToString()[..8]}";
        _clients.Add(client);
        return client;
    }

    public Task<StatusDocument> StatusAsync(CancellationToken cancellationToken) => StatusDocument.FetchAsync(endpoint, cancellationToken);

    /// <summary>Why no scenario can be played now, and what to do; null when one can.</summary>
    public async Task<string?> FindObstacleAsync(CancellationToken cancellationToken)
    {
        if (connection.Cluster.Service != ServiceCatalog.KeyValueStore)
        {
            return $"The scenarios need a key-value store, and this cluster replicates {VerbResult.Printable(connection.Cluster.Service)}. "
                + $"Start a silo with Pbft:Service={ServiceCatalog.KeyValueStore}.";
        }

        if (Cluster.MaxFaulty == 0) return "This cluster tolerates no fault. Start a silo with Pbft:Replicas=4 or more.";
        var status = await StatusAsync(cancellationToken);
        if (Array.Find(status.Replicas, static replica => replica.Fault is not null) is { } faulty)
        {
            return $"Replica {faulty.Id} is faulty on purpose already ({VerbResult.Printable(faulty.Fault!)}). Heal it first: client fault {faulty.Id} heal";
        }

        status = await SettleAsync(cancellationToken);
        LearnEvidence(status); // of earlier times
        return Array.Find(status.Replicas, static replica => replica.State != "Normal") is { } unsound
            ? $"Replica {unsound.Id} is {unsound.State}: the cluster is broken already. 'client status' shows how; start the silo again for a sound one."
            : null;
    }

    /// <summary>Waits until all replicas have executed the same in the same view; the last status in any case.</summary>
    public async Task<StatusDocument> SettleAsync(CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var status = await StatusAsync(cancellationToken);
            if (IsSettled(status) || time.GetElapsedTime(began) > SettlePatience) return status;
            await Task.Delay(PollInterval, time, cancellationToken);
        }
    }

    /// <summary>Whether all replicas are well, in one view, and have one state.</summary>
    public static bool IsSettled(StatusDocument status) => status.Replicas.All(static replica => replica.State == "Normal")
        && status.Replicas.DistinctBy(static replica => (replica.View, replica.LastExecuted, replica.StateDigest)).Count() == 1;

    /// <summary>Shows where the replicas stand, and what they caught others at in the meantime.</summary>
    public async Task<StatusDocument> ShowStatusAsync(StatusDocument status)
    {
        await narrator.ObserveAsync(Wording.Of(status), Wording.JsonOf(status));
        foreach (var (replica, sentence) in LearnEvidence(status))
        {
            await ObserveAsync($"replica {replica} has evidence: {sentence}", "evidence", ("replica", replica), ("says", sentence));
        }

        return status;
    }

    private List<(int Replica, string Sentence)> LearnEvidence(StatusDocument status) =>
        [.. status.Replicas.SelectMany(static replica => replica.Evidence.Select(sentence => (replica.Id, sentence))).Where(_knownEvidence.Add)];

    /// <summary>Asks, and shows how it went and what each replica said.</summary>
    public async Task<Asked> AskAsync(DemoClient client, string what, byte[] operation, CancellationToken cancellationToken) =>
        await ShowAsync(await client.AskAsync(what, operation, cancellationToken));

    public async Task<Asked> ShowAsync(Asked asked)
    {
        await narrator.ObserveAsync(Wording.Of(asked), Wording.JsonOf(asked));
        return asked;
    }

    /// <summary>Makes a replica faulty.</summary>
    public async Task BreakAsync(int replica, string mode, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _broken.Add(replica);
        var answer = await FaultAnswer.SetAsync(endpoint, replica, mode, CancellationToken.None); // given up halfway it might happen after it is healed
        await narrator.ObserveAsync(
            $"replica {replica} is faulty from now on: {answer.Mode} ({answer.Faulty} faulty, {answer.Tolerated} tolerated){(answer.Warning is { } warning ? $"\n{warning}" : "")}",
            new() { ["kind"] = "fault", ["replica"] = replica, ["mode"] = answer.Mode, ["faulty"] = answer.Faulty, ["tolerated"] = answer.Tolerated });
    }

    /// <summary>Heals all that was broken; how often each did wrong.</summary>
    public async Task<IReadOnlyDictionary<int, long>> HealAsync(CancellationToken cancellationToken)
    {
        var faults = await FaultsDocument.FetchAsync(endpoint, cancellationToken);
        var acts = new SortedDictionary<int, long>();
        foreach (var replica in _broken.ToArray())
        {
            acts[replica] = faults.Replicas[replica].Acts;
            await FaultAnswer.SetAsync(endpoint, replica, null, CancellationToken.None);
            _broken.Remove(replica);
            await narrator.ObserveAsync(
                $"replica {replica} is healed; it did wrong {acts[replica]} times",
                new() { ["kind"] = "healed", ["replica"] = replica, ["acts"] = acts[replica] });
        }

        return acts;
    }

    /// <summary>Heals what is broken still, whatever happened before. Says what to do where that fails.</summary>
    /// <returns>The failure in a sentence; null when nothing is broken any more.</returns>
    public async Task<string?> HealAnywayAsync()
    {
        if (_broken.Count == 0) return null;
        string?[] failures = await Task.WhenAll(_broken.Select(HealAsync)); // at once: a process that was told to end has not much time
        foreach (var replica in _broken)
        {
            await narrator.ObserveAsync($"healing replica {replica}", new() { ["kind"] = "healed", ["replica"] = replica });
        }

        _broken.Clear();
        return Array.Find(failures, static failure => failure is not null);

        async Task<string?> HealAsync(int replica)
        {
            try
            {
                await FaultAnswer.SetAsync(endpoint, replica, null, CancellationToken.None);
                return null;
            }
            catch (PbftException failure)
            {
                return $"Replica {replica} could not be healed: {failure.Message} If the silo still runs: client fault {replica} heal";
            }
        }
    }

    /// <summary>Takes the scenario's entry out of the store again.</summary>
    public Task TidyAsync(DemoClient client, CancellationToken cancellationToken) => client.AskAsync("tidy up", KeyValueOperation.Delete(Key), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients) await client.DisposeAsync();
    }

    /// <summary>An observation that is a number, or some of them.</summary>
    public Task ObserveAsync(string text, string kind, params ReadOnlySpan<(string Name, JsonNode? Value)> values)
    {
        var json = new JsonObject { ["kind"] = kind };
        foreach (var (name, value) in values) json[name] = value;
        return narrator.ObserveAsync(text, json);
    }
}
