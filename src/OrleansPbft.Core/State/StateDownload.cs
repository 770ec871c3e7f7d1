namespace OrleansPbft.Core;

/// <summary>Fetches the state at a checkpoint, chunk by chunk, from donors nobody need trust (rules ST-1, ST-2).</summary>
/// <remarks>
/// <para>It starts from a fork of the local state and makes it the target: what is there but not in the target is taken out, what has the
/// target's digest stays, the rest is wanted. Every chunk is verified against the digest its parent named, up to the checkpoint's own.</para>
/// <para>So whatever was fetched is kept for a later target, and memory is bounded by local state and target. Not thread-safe.</para>
/// </remarks>
public sealed class StateDownload
{
    /// <summary>Up to how many leaves of our own below a place that differs it is fetched as a whole, where its neighbours differ too.</summary>
    private const int ComparedWhole = 64;

    private readonly Digest _configuration;
    private readonly int _sessionWindow;
    private readonly Dictionary<ChunkId, Want> _wants = [];
    private readonly Stack<ChunkId> _ready = []; // may name chunks that came all the same
    private StateHeader? _header;

    /// <summary>Starts to fetch the state at <paramref name="sequence"/>, whose digest f + 1 replicas vouch for.</summary>
    /// <param name="sequence">n of the checkpoint.</param>
    /// <param name="digest">The state's digest there.</param>
    /// <param name="local">The replica's own state; it may go on, and is not changed before <see cref="ReplicatedState.Restore"/>.</param>
    public StateDownload(SequenceNumber sequence, Digest digest, ReplicatedState local)
        : this(sequence, digest, Known(local).Configuration, local.Options.SessionWindow, local.Service.State.Fork(), local.SessionState.Fork())
    {
    }

    private StateDownload(SequenceNumber sequence, Digest digest, Digest configuration, int sessionWindow, StateTree service, StateTree sessions)
    {
        Sequence = sequence;
        Digest = digest;
        _configuration = configuration;
        _sessionWindow = sessionWindow;
        Service = service;
        Sessions = sessions;
        Wish(ChunkId.Header, digest);
    }

    /// <summary>n of the target.</summary>
    public SequenceNumber Sequence { get; }

    /// <summary>The target's digest.</summary>
    public Digest Digest { get; }

    /// <summary>Whether nothing is wanted any more: it can be restored.</summary>
    public bool IsComplete => _wants.Count == 0;

    /// <summary>How many chunks are wanted as far as is known, outstanding ones included. Grows as digests arrive.</summary>
    public int ChunksWanted => _wants.Count;

    /// <summary>How many chunks are outstanding: handed out and neither taken nor given back.</summary>
    public int ChunksOutstanding { get; private set; }

    /// <summary>How many chunks were taken.</summary>
    public long ChunksTaken { get; private set; }

    /// <summary>How many bytes those had.</summary>
    public long BytesTaken { get; private set; }

    /// <summary>How many subtrees and entries, as large as possible, were there already and so were not fetched (rule ST-2).</summary>
    public long SubtreesReused { get; private set; }

    /// <summary>The service's tree as far as it is known.</summary>
    internal StateTree Service { get; private set; }

    /// <summary>The sessions' tree as far as it is known.</summary>
    internal StateTree Sessions { get; private set; }

    /// <summary>Hands out the next chunk to ask a donor for; false when all that is known to be wanted is outstanding.</summary>
    public bool TryNextWanted(out ChunkId id)
    {
        while (_ready.TryPop(out id))
        {
            if (!_wants.TryGetValue(id, out var want) || want.IsOutstanding) continue;
            _wants[id] = want with { IsOutstanding = true };
            ChunksOutstanding++;
            return true;
        }

        return false;
    }

    /// <summary>Whether a chunk is wanted, be it outstanding or not.</summary>
    public bool Wants(ChunkId id) => _wants.ContainsKey(id);

    /// <summary>Says that whoever was asked for a chunk does not answer: it is handed out again. Should it come all the same, it is taken.</summary>
    public void GiveBack(ChunkId id)
    {
        if (!_wants.TryGetValue(id, out var want) || !want.IsOutstanding) return;
        _wants[id] = want with { IsOutstanding = false };
        ChunksOutstanding--;
        _ready.Push(id);
    }

    /// <summary>Takes what a donor sent. Never throws; what is bad changes nothing but that it is wanted again.</summary>
    public ChunkOutcome Offer(ChunkId id, ReadOnlyMemory<byte> bytes)
    {
        if (!_wants.TryGetValue(id, out var want)) return ChunkOutcome.NotWanted;
        if (!(id.Section == StateSection.Header ? TryTakeHeader(bytes) : TryTake(id, want.Digest, bytes)))
        {
            GiveBack(id);
            return ChunkOutcome.Bad;
        }

        if (want.IsOutstanding) ChunksOutstanding--;
        _wants.Remove(id);
        ChunksTaken++;
        BytesTaken += bytes.Length;
        return ChunkOutcome.Accepted;
    }

    /// <summary>Goes on to a newer target: what was fetched and verified so far is not fetched again where the target still has it.</summary>
    /// <remarks>This download is over then. Under load targets move, and each needs less than the one before: it converges (LESSONS B42).</remarks>
    public StateDownload Retarget(SequenceNumber sequence, Digest digest) =>
        new(sequence, digest, _configuration, _sessionWindow, Service.Fork(), Sessions.Fork());

    /// <summary>
    /// Digests all that is known again, from its bytes. True when it is the target; else what was damaged is left out, and compared with the
    /// target from the header on, so that it is wanted.
    /// </summary>
    internal bool Verify(out StateHeader header)
    {
        header = default;
        if (!IsComplete || _header is not { } target) return false;

        Service = Service.Rehashed();
        Sessions = Sessions.Rehashed();
        header = target with
        {
            Service = target.Service with { Root = Service.Map.Root },
            Sessions = target.Sessions with { Root = Sessions.Map.Root },
        };
        if (header.ComputeDigest(_configuration, Sequence) == Digest) return true;

        _header = null;
        Wish(ChunkId.Header, Digest);
        return false;
    }

    private static ReplicatedState Known(ReplicatedState local)
    {
        ArgumentNullException.ThrowIfNull(local);
        return local;
    }

    private bool TryTakeHeader(ReadOnlyMemory<byte> bytes)
    {
        if (!StateHeader.TryRead(bytes, out var header) || header.ComputeDigest(_configuration, Sequence) != Digest) return false;
        _header = header;
        Take(Service, StateSection.Service, header.Service);
        Take(Sessions, StateSection.Sessions, header.Sessions);
        return true;

        void Take(StateTree tree, StateSection section, in StateHeader.Tree target)
        {
            tree.SetHeader(target.Header.AsSpan());
            Compare(tree.Map, new(section, depth: 0, default, isWhole: tree.Count == 0), target.Root);
        }
    }

    private bool TryTake(ChunkId id, in Digest expected, ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty) return false;
        var map = (id.Section == StateSection.Service ? Service : Sessions).Map;
        switch (bytes.Span[0])
        {
            case MerkleNode.InnerTag when id.Depth < MerkleMap.DepthMax:
                Span<Digest> children = stackalloc Digest[MerkleNode.Fanout];
                if (!StateChunk.TryReadChildren(bytes.Span, expected, children)) return false;
                TakeChildren(map, id, children);
                return true;

            case MerkleNode.BucketTag when id.Depth <= MerkleMap.DepthMax:
                if (!StateChunk.TryReadBucket(bytes.Span, expected, id, out var pairs)) return false;
                TakeBucket(map, id, pairs);
                return true;

            case StateChunk.EntriesTag:
                if (!StateChunk.TryReadEntries(bytes, expected, id, _sessionWindow, out var leaves)) return false;
                map.Replace(id.Depth, id.Prefix, leaves);
                return true;

            default: return false;
        }
    }

    private void TakeChildren(MerkleMap map, ChunkId id, ReadOnlySpan<Digest> children)
    {
        var (present, differing) = (0, 0);
        for (var nibble = 0; nibble < children.Length; nibble++)
        {
            if (children[nibble] == Digest.Zero) continue;
            present++;
            var child = id.Child(nibble, isWhole: false);
            if (map.DigestAt(child.Depth, child.Prefix) != children[nibble]) differing++;
        }

        // Near the leaves, where most of it differs, little will be found equal further down: then digests to compare only cost round trips. Higher
        // up a difference says little: a few changed entries in each of its parts make all of a large state's differ.
        var mostDiffer = 2 * differing > present;
        for (var nibble = 0; nibble < children.Length; nibble++)
        {
            var child = id.Child(nibble, id.IsWhole);
            if (!id.IsWhole && mostDiffer && map.CountAt(child.Depth, child.Prefix) <= ComparedWhole) child = id.Child(nibble, isWhole: true);
            Compare(map, child, children[nibble]);
        }
    }

    private void TakeBucket(MerkleMap map, ChunkId id, (Digest Key, Digest Value)[] pairs)
    {
        var reused = new List<StateLeaf>();
        foreach (var (key, value) in pairs)
        {
            if (map.Find(key) is { } leaf && leaf.ValueDigest == value) reused.Add(leaf);
            else Wish(id.Entry(key), value);
        }

        map.Replace(id.Depth, id.Prefix, reused);
        SubtreesReused += reused.Count;
    }

    /// <summary>Decides what to do about a place of which the target's digest is known: keep, clear, or fetch.</summary>
    private void Compare(MerkleMap map, ChunkId id, in Digest target)
    {
        if (map.DigestAt(id.Depth, id.Prefix) == target)
        {
            if (target != Digest.Zero) SubtreesReused++;
        }
        else if (target == Digest.Zero)
        {
            map.Replace(id.Depth, id.Prefix, []);
        }
        else
        {
            Wish(id, target);
        }
    }

    private void Wish(ChunkId id, in Digest digest)
    {
        _wants[id] = new(digest, IsOutstanding: false);
        _ready.Push(id);
    }

    private readonly record struct Want(Digest Digest, bool IsOutstanding);
}
