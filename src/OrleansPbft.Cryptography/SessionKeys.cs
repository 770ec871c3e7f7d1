using System.Security.Cryptography;
using OrleansPbft.Core;

namespace OrleansPbft.Cryptography;

/// <summary>The sessions of one replica or client: what MACs are made and checked with (rules, docs/adr/0013). Thread-safe.</summary>
/// <remarks>
/// <para>Each side has a key that lives as long as a session, and says it in a signed SESSION-KEY. Of two that were said, both sides derive one
/// key for each direction. A key is replaced after its time; the one before is believed a little longer. Secrets are never shown, and zeroed when dropped.</para>
/// <para>Nobody has to do anything for two to find each other: who lacks the other's key, or gets a MAC under one it does not know, says its own
/// and asks for the other's, at most so often. Of one sender only a higher epoch takes the place of a lower; who comes back with a lower
/// one, its clock being wrong, is shown the highest that it has signed, and goes on from there.</para>
/// </remarks>
public sealed partial class SessionKeys : IDisposable
{
    private const int ReplicaKeysMax = 2;
    private const int ClientKeysMax = 4; // as many programs may use one client's key

    // A party is told no more often than this; so much is certain to be lost when it is down.
    private static readonly TimeSpan TellEvery = TimeSpan.FromMilliseconds(200);

    private readonly ClusterId _cluster;
    private readonly SessionParty _self;
    private readonly byte[] _publicKey = new byte[PublicKey.Bytes];
    private readonly EnvelopeSigner _signer;
    private readonly SessionKeyOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Counterpart[] _replicas; // gate, as all below
    private readonly GenerationalMap<ClientId, Counterpart> _clients;
    private readonly TokenBucket _clientKeys;
    private OwnSessionKey _current;
    private OwnSessionKey? _previous;
    private long _agreements;
    private bool _isDisposed;
    private volatile IEnvelopeSink? _sink;

    private SessionKeys(
        ClusterId cluster, int replicas, SessionParty self, KeyPair keyPair, SessionKeyOptions? options, TimeProvider? time, ECDiffieHellman? secret, long epoch)
    {
        _cluster = cluster;
        _self = self;
        keyPair.PublicKey.CopyTo(_publicKey);
        _signer = new(keyPair, signatures: null);
        _options = options ?? new();
        if (_options.Problems() is [var problem, ..]) throw new ArgumentException(problem, nameof(options));
        _time = time ?? TimeProvider.System;
        _replicas = [.. Enumerable.Range(0, replicas).Select(i => new Counterpart(SessionParty.Of(new ReplicaId(i)), ReplicaKeysMax, Bucket(8, 1)))];
        _clients = new(_options.ClientsMax, Drop);
        _clientKeys = Bucket(5 * _options.ClientKeysEachSecond, _options.ClientKeysEachSecond);
        _current = secret is null ? Make(above: 0) : new(epoch, secret, Now);
    }

    /// <summary>Whose sessions they are.</summary>
    internal SessionParty Self => _self;

    /// <summary>How often keys were derived: what costs. For instruments.</summary>
    public long Agreements => Interlocked.Read(ref _agreements);

    /// <summary>How many clients anything is known of.</summary>
    internal int Clients => _clients.Count;

    /// <summary>The epoch of the key in use.</summary>
    public long Epoch
    {
        get
        {
            lock (_gate) return _current.Epoch;
        }
    }

    private long Now => _time.GetTimestamp();

    private long Overlap => Ticks(_options.Overlap < _options.Lifetime ? _options.Overlap : _options.Lifetime);

    /// <summary>Sessions of a replica.</summary>
    /// <param name="cluster">The cluster; keys are bound to it.</param>
    /// <param name="replicas">n.</param>
    /// <param name="self">The replica.</param>
    /// <param name="keyPair">The replica's own, which signs what is said; not disposed with this.</param>
    /// <param name="options">How long keys live.</param>
    /// <param name="time">The clocks: the monotonic one for lifetimes, the other for the first epoch only.</param>
    public static SessionKeys OfReplica(
        ClusterId cluster, int replicas, ReplicaId self, KeyPair keyPair, SessionKeyOptions? options = null, TimeProvider? time = null) =>
        new(cluster, replicas, SessionParty.Of(self), keyPair, options, time, secret: null, epoch: 0);

    /// <summary>Sessions of a client.</summary>
    /// <inheritdoc cref="OfReplica"/>
    public static SessionKeys OfClient(ClusterId cluster, int replicas, KeyPair keyPair, SessionKeyOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(keyPair);
        return new(cluster, replicas, SessionParty.Of(keyPair.PublicKey.ClientId), keyPair, options, time, secret: null, epoch: 0);
    }

    /// <summary>Sessions whose first key is given: for test vectors.</summary>
    internal static SessionKeys OfSecret(ClusterId cluster, int replicas, SessionParty self, KeyPair keyPair, ECDiffieHellman secret, long epoch, TimeProvider? time = null) =>
        new(cluster, replicas, self, keyPair, options: null, time, secret, epoch);

    /// <summary>Where what this says to others leaves from now on.</summary>
    public void Attach(IEnvelopeSink sink) => _sink = sink;

    /// <summary>Says the key in use to all replicas, and asks for theirs: when a replica starts, and when a connection is new.</summary>
    public void Announce()
    {
        var said = new Said();
        lock (_gate)
        {
            if (_isDisposed) return;
            foreach (var replica in _replicas)
            {
                if (replica.Party != _self) Tell(replica, asks: true, evenIfJustTold: true, Now, ref said);
            }
        }

        Send(said);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            _isDisposed = true;
            _current.Dispose();
            _previous?.Dispose();
            _previous = null;
        }
    }

    /// <summary>Our epochs only, never a secret.</summary>
    public override string ToString() => $"session keys of {(_self.IsClient ? _self.Client : _self.Replica)}, epoch {Epoch}";

    private TokenBucket Bucket(int burst, double eachSecond) => new(burst, eachSecond, _time.TimestampFrequency);

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    private Counterpart? Find(in SessionParty party)
    {
        if (!party.IsClient) return party.Id < (UInt128)_replicas.Length ? _replicas[(int)party.Id] : null;
        return _clients.TryGet(party.Client, out var known) ? known : null;
    }

    /// <summary>What is known of a party that has proven who it is, made where there is nothing yet.</summary>
    private Counterpart FindOrAdd(in SessionParty party)
    {
        if (Find(party) is { } known) return known;
        var added = new Counterpart(party, ClientKeysMax, Bucket(4, 1));
        _clients.Set(party.Client, added);
        return added;
    }

    private void Drop(Counterpart client)
    {
        foreach (var key in client.Keys) Forget(client.Party, key);
    }

    private void Forget(in SessionParty party, PeerSessionKey key)
    {
        _current.Forget(party, key.Epoch);
        _previous?.Forget(party, key.Epoch);
    }

    private PairKeys PairOf(OwnSessionKey own, in SessionParty party, PeerSessionKey theirs)
    {
        if (own.TryFind(party, theirs.Epoch, out var known)) return known!;
        var derived = new PairKeys(_cluster, _self, own, party, theirs);
        Interlocked.Increment(ref _agreements);
        own.Keep(party, theirs.Epoch, derived);
        return derived;
    }

    /// <summary>Time passed: a key whose time is over is dropped, or replaced.</summary>
    private void Turn(long now, ref Said said)
    {
        if (_previous is { } previous && previous.EndsAt <= now)
        {
            previous.Dispose();
            _previous = null;
        }

        if (now - _current.MadeAt >= Ticks(_options.Lifetime)) Replace(above: 0, now, ref said);
    }

    private void Replace(long above, long now, ref Said said)
    {
        _previous?.Dispose();
        _previous = _current;
        _previous.EndsAt = now + Overlap;
        _current = Make(Math.Max(above, _previous.Epoch));
        foreach (var replica in _replicas)
        {
            if (replica.Party != _self) Tell(replica, asks: replica.Newest is null, evenIfJustTold: true, now, ref said);
        }
    }

    /// <summary>A new key: its epoch is the time in microseconds, and never one that was used.</summary>
    private OwnSessionKey Make(long above)
    {
        var microseconds = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var epoch = Math.Clamp(microseconds, Math.Min(above + 1, WireLimits.NumberMax), WireLimits.NumberMax);
        return new(Math.Max(1, epoch), ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256), Now);
    }

    private bool IsOurs(OwnSessionKey? key) => key is not null && (key == _current || key == _previous);

    private OwnSessionKey? OwnOf(long epoch) => epoch == _current.Epoch ? _current : epoch == _previous?.Epoch ? _previous : null;
}
