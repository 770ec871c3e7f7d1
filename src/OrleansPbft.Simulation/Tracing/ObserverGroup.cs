using OrleansPbft.Core;
using OrleansPbft.Simulation.Cluster;

namespace OrleansPbft.Simulation.Tracing;

/// <summary>Several observers of one cluster, told in order.</summary>
internal sealed class ObserverGroup(params IReadOnlyList<Observer> observers) : Observer
{
    public override void OnEffect(SimulatedReplica replica, in Effect effect)
    {
        foreach (var one in observers) one.OnEffect(replica, effect);
    }

    public override void OnStepped(SimulatedReplica replica, in Input input)
    {
        foreach (var one in observers) one.OnStepped(replica, input);
    }

    public override void OnRestarted(SimulatedReplica replica)
    {
        foreach (var one in observers) one.OnRestarted(replica);
    }

    public override void OnApplied(SimulatedReplica replica, in OperationContext context, ReadOnlySpan<byte> operation)
    {
        foreach (var one in observers) one.OnApplied(replica, context, operation);
    }

    public override void OnSent(int from, ReplicaSet to, in Input message)
    {
        foreach (var one in observers) one.OnSent(from, to, message);
    }

    public override void OnReceived(int at, int from, in Input message)
    {
        foreach (var one in observers) one.OnReceived(at, from, message);
    }

    public override void OnRejected(int at, int from, RejectReason reason)
    {
        foreach (var one in observers) one.OnRejected(at, from, reason);
    }

    public override void OnLost(int from, int to, MessageKind kind)
    {
        foreach (var one in observers) one.OnLost(from, to, kind);
    }

    public override void OnReplied(SimulatedReplica replica, Reply reply)
    {
        foreach (var one in observers) one.OnReplied(replica, reply);
    }

    public override void OnReadBegun(SimulatedClient client, Read read)
    {
        foreach (var one in observers) one.OnReadBegun(client, read);
    }

    public override void OnReadEnded(SimulatedClient client, Read read, AcceptedRead? accepted)
    {
        foreach (var one in observers) one.OnReadEnded(client, read, accepted);
    }

    public override void OnSubmitted(SimulatedClient client, Request request)
    {
        foreach (var one in observers) one.OnSubmitted(client, request);
    }

    public override void OnMadeUp(Request request)
    {
        foreach (var one in observers) one.OnMadeUp(request);
    }

    public override void OnAccepted(SimulatedClient client, Request request, AcceptedReply accepted)
    {
        foreach (var one in observers) one.OnAccepted(client, request, accepted);
    }
}
