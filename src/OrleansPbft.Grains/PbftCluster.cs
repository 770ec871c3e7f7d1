using System.Collections.Immutable;
using OrleansPbft.Core;
using OrleansPbft.Cryptography;
using OrleansPbft.Faults;

namespace OrleansPbft.Grains;

/// <summary>The cluster this process takes part in: what a host tells clients, and what it needs to read their envelopes.</summary>
public sealed class PbftCluster
{
    private readonly ClientAccess _access;
    private readonly EnvelopeOpener?[] _openers;
    private readonly ImmutableArray<KeyPair?> _keys; // null where a replica is another process's

    private PbftCluster(Membership membership, ImmutableArray<KeyPair?> keys, ProtocolOptions options, string service, ClientAccess access)
    {
        _keys = keys;
        Options = options;
        Service = service;
        Membership = membership;
        Hosted = [.. membership.Cluster.All.ToIndexes().Where(i => keys[i] is not null).Select(static i => new ReplicaId(i))];
        _access = access;
        _openers = new EnvelopeOpener?[keys.Length];
        Verifier = new(new SignatureCache());
        Opener = new(Membership, options, Verifier, access);
    }

    /// <summary>Names the cluster.</summary>
    public ClusterId Id => Membership.Id;

    /// <summary>Who its replicas are.</summary>
    public Membership Membership { get; }

    /// <summary>n, f, and the limits every envelope keeps to.</summary>
    public ProtocolOptions Options { get; }

    /// <summary>The name of the replicated service, as <c>Pbft:Service</c> gives it.</summary>
    public string Service { get; }

    /// <summary>The replicas of this process, in the order of their ids: all in shape S1, one in S3.</summary>
    public ImmutableArray<ReplicaId> Hosted { get; }

    /// <summary>Verifies each signature once for the whole process.</summary>
    public SignatureVerifier Verifier { get; }

    /// <summary>Opens envelopes of this cluster that anybody can: those that are signed.</summary>
    public EnvelopeOpener Opener { get; }

    /// <summary>Shape S1: makes fresh keys for all replicas. State is kept nowhere, so a new start is a new cluster.</summary>
    /// <param name="options">n, and the limits; the parameters among them are part of the cluster's identity.</param>
    /// <param name="service">The service's name; part of the cluster's identity.</param>
    internal static PbftCluster CreateLocal(ProtocolOptions options, string service) =>
        CreateLocal(options, service, [.. options.Cluster.All.ToIndexes().Select(static _ => KeyPair.Create())]);

    /// <summary>Shape S1 with a state that is kept: the same keys at every start, so that it is the same cluster.</summary>
    internal static PbftCluster CreateLocal(ProtocolOptions options, string service, ImmutableArray<KeyPair> keys)
    {
        var membership = new Membership([.. keys.Select(static key => key.PublicKey)], ClusterParameters.DigestOf(service, options));
        return new(membership, [.. keys], options, service, ClientAccess.Open);
    }

    /// <summary>Shape S3: takes part in a federation with one replica.</summary>
    /// <param name="membership">Who all replicas are.</param>
    /// <param name="keys">The key of this process's replica; not disposed.</param>
    /// <param name="options">n, and the limits; the parameters among them are part of the cluster's identity.</param>
    /// <param name="service">The service's name; part of the cluster's identity.</param>
    /// <param name="access">Which clients may speak; the same at all replicas.</param>
    /// <exception cref="ArgumentException">The key is of no replica, or the options or the service are not those of the cluster.</exception>
    public static PbftCluster CreateMember(Membership membership, KeyPair keys, ProtocolOptions options, string service, ClientAccess access)
    {
        ArgumentNullException.ThrowIfNull(membership);
        ArgumentNullException.ThrowIfNull(keys);
        if (!membership.TryFind(keys.PublicKey, out var self)) throw new ArgumentException("The key is of no replica of the cluster.", nameof(keys));
        if (membership.Parameters != ClusterParameters.DigestOf(service, options))
        {
            throw new ArgumentException("The service and the options are not those of the cluster.", nameof(options));
        }

        var all = new KeyPair?[membership.Cluster.Replicas];
        all[self.Index] = keys;
        return new(membership, [.. all], options, service, access);
    }

    /// <summary>Whether a replica is one of this process.</summary>
    public bool Hosts(ReplicaId replica) => Membership.Cluster.Contains(replica) && _keys[replica.Index] is not null;

    /// <summary>Seals what a replica of this process says.</summary>
    internal ReplicaSealer SealerOf(ReplicaId replica) => new(Id, replica, KeyOf(replica));

    /// <summary>Opens what is for one replica of this process; with its sessions, once it is started.</summary>
    public EnvelopeOpener OpenerOf(ReplicaId replica) => _openers[replica.Index] ?? Opener;

    /// <summary>Makes what opens for a replica of this process.</summary>
    internal EnvelopeOpener CreateOpener(ReplicaId replica, SessionKeys? sessions) =>
        _openers[replica.Index] = sessions is null ? Opener : new(Membership, Options, Verifier, _access, sessions);

    /// <summary>Makes the sessions of a replica of this process; null where everything is signed.</summary>
    internal SessionKeys? CreateSessions(ReplicaId replica, SessionKeyOptions options, TimeProvider time) => Options.Authentication == AuthenticationMode.Macs
        ? SessionKeys.OfReplica(Id, Membership.Cluster.Replicas, replica, KeyOf(replica), options, time)
        : null;

    /// <summary>Seals what a replica of this process says when it is made faulty: with its own key, whatever it likes.</summary>
    internal ReplicaSeals SealsOf(ReplicaId replica) => new(Id, replica, KeyOf(replica));

    private KeyPair KeyOf(ReplicaId replica) => _keys[replica.Index] ?? throw new InvalidOperationException($"{replica} is another process's: its key is not here.");
}
