using System.Collections.Immutable;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Faults;

namespace OrleansPbft.Grains;

/// <summary>The cluster this process takes part in: what a host tells clients, and what it needs to read their envelopes.</summary>
public sealed class PbftCluster
{
    private readonly ImmutableArray<KeyPair> _keys;

    private PbftCluster(ImmutableArray<KeyPair> keys, ProtocolOptions options, string service, Digest parameters)
    {
        _keys = keys;
        Options = options;
        Service = service;
        Membership = new([.. keys.Select(static key => key.PublicKey)], parameters);
        Verifier = new(new SignatureCache());
        Opener = new(Membership, options, Verifier);
    }

    /// <summary>Names the cluster.</summary>
    public ClusterId Id => Membership.Id;

    /// <summary>Who its replicas are.</summary>
    public Membership Membership { get; }

    /// <summary>n, f, and the limits every envelope keeps to.</summary>
    public ProtocolOptions Options { get; }

    /// <summary>The name of the replicated service, as <c>Pbft:Service</c> gives it.</summary>
    public string Service { get; }

    /// <summary>Verifies each signature once for the whole process.</summary>
    public SignatureVerifier Verifier { get; }

    /// <summary>Opens envelopes of this cluster.</summary>
    public EnvelopeOpener Opener { get; }

    /// <summary>Shape S1: makes fresh keys for all replicas. State is kept nowhere, so a new start is a new cluster.</summary>
    /// <param name="options">n, and the limits; the parameters among them are part of the cluster's identity.</param>
    /// <param name="service">The service's name; part of the cluster's identity.</param>
    internal static PbftCluster CreateLocal(ProtocolOptions options, string service)
    {
        var keys = ImmutableArray.CreateBuilder<KeyPair>(options.Cluster.Replicas);
        for (var i = 0; i < options.Cluster.Replicas; i++) keys.Add(KeyPair.Create());
        return new(keys.MoveToImmutable(), options, service, ClusterParameters.DigestOf(service, options));
    }

    /// <summary>Seals what a replica of this process says.</summary>
    internal ReplicaSealer SealerOf(ReplicaId replica) => new(Id, replica, _keys[replica.Index]);

    /// <summary>Seals what a replica of this process says when it is made faulty: with its own key, whatever it likes.</summary>
    internal ReplicaSeals SealsOf(ReplicaId replica) => new(Id, replica, _keys[replica.Index]);
}
