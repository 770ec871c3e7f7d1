using OrleansPbft.Core;

namespace OrleansPbft.Simulation.Cluster;

/// <summary>Sees all that happens in a cluster and changes nothing: checkers and transcripts are observers.</summary>
internal abstract class Observer
{
    /// <summary>A replica's machine, or its leader's, wants this done. Called in the order of steps, before anything is performed.</summary>
    public virtual void OnEffect(SimulatedReplica replica, in Effect effect)
    {
    }

    /// <summary>A replica's machine ended a step.</summary>
    public virtual void OnStepped(SimulatedReplica replica, in Input input)
    {
    }

    /// <summary>A replica that crashed has read its disk and is about to start again.</summary>
    public virtual void OnRestarted(SimulatedReplica replica)
    {
    }

    /// <summary>A replica's service applied an operation.</summary>
    public virtual void OnApplied(SimulatedReplica replica, in OperationContext context, ReadOnlySpan<byte> operation)
    {
    }

    /// <summary>A node hands messages to the network.</summary>
    public virtual void OnSent(int from, ReplicaSet to, in Input message)
    {
    }

    /// <summary>A message arrived at a node and was understood.</summary>
    public virtual void OnReceived(int at, int from, in Input message)
    {
    }

    /// <summary>An envelope arrived at a node and was refused.</summary>
    public virtual void OnRejected(int at, int from, RejectReason reason)
    {
    }

    /// <summary>The network lost a message.</summary>
    public virtual void OnLost(int from, int to, MessageKind kind)
    {
    }

    /// <summary>A replica hands a reply to the network.</summary>
    public virtual void OnReplied(SimulatedReplica replica, Reply reply)
    {
    }

    /// <summary>A client begins a read.</summary>
    public virtual void OnReadBegun(SimulatedClient client, Read read)
    {
    }

    /// <summary>A read ended: with an answer, or with null where it is to be ordered and so begins anew as a request.</summary>
    public virtual void OnReadEnded(SimulatedClient client, Read read, AcceptedRead? accepted)
    {
    }

    /// <summary>A client begins a request.</summary>
    public virtual void OnSubmitted(SimulatedClient client, Request request)
    {
    }

    /// <summary>A faulty client made up a request; it may come into the order, or never.</summary>
    public virtual void OnMadeUp(Request request)
    {
    }

    /// <summary>A client accepted the answer to a request.</summary>
    public virtual void OnAccepted(SimulatedClient client, Request request, AcceptedReply accepted)
    {
    }
}
