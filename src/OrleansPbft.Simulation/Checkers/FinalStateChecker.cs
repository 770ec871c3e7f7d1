using System.Buffers;
using OrleansPbft.Core;
using OrleansPbft.Services;
using OrleansPbft.Simulation.Cluster;

namespace OrleansPbft.Simulation.Checkers;

/// <summary>At the end, a correct replica's store holds what the agreed order makes of all requests, each executed once: nothing more, nothing less.</summary>
/// <remarks>What was acknowledged is in that order (<see cref="ReplyChecker"/>): so no crash loses an acknowledged write, and none doubles it.</remarks>
internal sealed class FinalStateChecker
{
    private readonly SimulationReport _report;
    private readonly HistoryModel _model;

    public FinalStateChecker(IReadOnlyList<Batch> history, ProtocolOptions options, SimulationReport report)
    {
        _report = report;
        _model = new(options.SessionsMax, options.SessionWindow);
        for (var i = 0; i < history.Count; i++) _model.Execute(i + 1, history[i]);
    }

    public void Check(SimulatedReplica replica)
    {
        foreach (var key in Workload.Keys)
        {
            var result = new ArrayBufferWriter<byte>();
            replica.Service.Query(KeyValueOperation.Get(key), result);
            Check(replica.Id, key, result.WrittenMemory);
        }

        _report.Count(Mark.FinalStatesCompared);
    }

    /// <summary>What a replica answers to a question for <paramref name="key"/>.</summary>
    public void Check(ReplicaId replica, string key, ReadOnlyMemory<byte> answer)
    {
        var expected = _model.Read(key);
        if (expected.Differs(new(Core.OperationStatus.Done, answer)) is { } difference)
        {
            throw new SimulationFailedException($"Final state: {replica} holds at {key} {difference}.");
        }
    }
}
