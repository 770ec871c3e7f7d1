using BenchmarkDotNet.Attributes;
using OrleansPbft.Core;

namespace OrleansPbft.Benchmarks;

/// <summary>What one backup's core spends to commit one batch: 1 PRE-PREPARE, n - 2 PREPAREs, n - 1 COMMITs. No cryptography.</summary>
[MemoryDiagnoser]
public class NormalCaseBenchmark
{
    private readonly Outbox _outbox = new();
    private Replica _backup = null!;
    private ProtocolOptions _options = null!;
    private SequenceNumber _next;

    /// <summary>n.</summary>
    [Params(4, 7, 31)]
    public int Replicas { get; set; }

    /// <summary>Starts a backup that has executed nothing.</summary>
    [GlobalSetup]
    public void Start()
    {
        _options = new() { Cluster = new(Replicas) };
        _backup = new(new(1), _options, new(_options, default, new EchoService()));
        _next = new(1);
    }

    /// <summary>Commits one null batch, and with every K-th a checkpoint.</summary>
    [Benchmark]
    public long CommitOneBatch()
    {
        var cluster = _options.Cluster;
        var digest = BatchEncoding.Null.Digest;
        Step(Input.Of(new PrePrepare(View.Initial, _next, new(new(_next.Value), [], BatchEncoding.Null.Encoding, digest), new(0))));
        for (var i = 2; i < cluster.Replicas; i++) Step(Input.Of(new Vote(VotePhase.Prepare, View.Initial, _next, digest, new(i))));
        for (var i = 0; i < cluster.Replicas; i++)
        {
            if (i != 1) Step(Input.Of(new Vote(VotePhase.Commit, View.Initial, _next, digest, new(i))));
        }

        if (_backup.LastExecuted != _next) throw new InvalidOperationException($"{_next} was not executed.");
        if (_next.Value % _options.CheckpointInterval == 0) Stabilise();
        _next = _next.Next;
        return _backup.LastExecuted.Value;
    }

    private void Stabilise()
    {
        var digest = _backup.Snapshot().StateDigest;
        for (var i = 0; i < _options.Cluster.Replicas; i++)
        {
            if (i != 1) Step(Input.Of(new Checkpoint(_next, digest, new(i))));
        }
    }

    private void Step(in Input input)
    {
        _outbox.Clear();
        _backup.Step(new(_next.Value), input, _outbox);
    }
}
