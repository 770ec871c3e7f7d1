using OrleansPbft.Journal.Storage;

namespace OrleansPbft.Simulation.Storage;

/// <summary>A directory on a simulated disk that keeps what file systems promise and not a bit more. Deterministic from a seed.</summary>
/// <remarks>
/// At a crash each write that was not flushed is there, lost, or there in part (from any byte to any byte), whatever became of the others; so is each
/// name that was created, changed or removed since the directory was flushed. A crash can be had before and after any operation that changes something. Thread-safe.
/// </remarks>
public sealed class SimulatedStorage : IJournalStorage
{
    private readonly Lock _gate;
    private readonly Dictionary<string, SimulatedInode> _names;
    private readonly Dictionary<string, SimulatedInode> _durableNames;
    private readonly List<NameChange> _changes; // since the directory was flushed, in order
    private readonly HashSet<string> _locks = [];
    private bool _isDown;

    /// <summary>An empty directory.</summary>
    public SimulatedStorage(string name = "disk")
        : this(name, new(), [], [], [])
    {
    }

    private SimulatedStorage(
        string name, Lock gate, Dictionary<string, SimulatedInode> names, Dictionary<string, SimulatedInode> durableNames, List<NameChange> changes)
    {
        Name = name;
        _gate = gate;
        _names = names;
        _durableNames = durableNames;
        _changes = changes;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>How many operations have changed something, or made something durable.</summary>
    public long Operations { get; private set; }

    /// <summary>The machine crashes instead of the operation of this number, counted from 0; never by default.</summary>
    public long CrashAt { get; set; } = long.MaxValue;

    /// <summary>Whether that crash comes right after the operation instead; false by default.</summary>
    public bool CrashesAfter { get; set; }

    /// <summary>How many bytes all files may take; without limit by default.</summary>
    public long BytesMax { get; set; } = long.MaxValue;

    /// <summary>Makes the flush of a file fail: what was not flushed is lost, though it can still be read, and the next flush succeeds, as on Linux.</summary>
    public Func<string, bool> FailsFlushOf { get; set; } = static _ => false;

    /// <summary>The names of files whose flushes were asked for, in order; those of the directory as an empty name.</summary>
    public List<string> Flushed { get; } = [];

    /// <summary>How many bytes all files take.</summary>
    public long BytesUsed
    {
        get
        {
            lock (_gate) return _names.Values.Distinct().Sum(static inode => inode.Length);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List()
    {
        lock (_gate)
        {
            RequireUp();
            return [.. _names.Keys.Order(StringComparer.Ordinal)];
        }
    }

    /// <inheritdoc/>
    public IJournalFile Create(string name) => Change(() =>
    {
        var inode = new SimulatedInode();
        Apply(new(From: null, name, inode));
        return new SimulatedFile(this, inode, name);
    });

    /// <inheritdoc/>
    public IJournalFile Open(string name, bool toFlush = false)
    {
        lock (_gate)
        {
            RequireUp();
            return new SimulatedFile(this, InodeOf(name), name);
        }
    }

    /// <inheritdoc/>
    public void Rename(string from, string to) => Change(() =>
    {
        Apply(new(from, to, InodeOf(from)));
        return true;
    });

    /// <inheritdoc/>
    public void Delete(string name)
    {
        lock (_gate)
        {
            if (!_names.ContainsKey(name)) return;
        }

        Change(() =>
        {
            Apply(new(name, To: null, Inode: null));
            return true;
        });
    }

    /// <inheritdoc/>
    public void FlushDirectory() => Change(() =>
    {
        Flushed.Add("");
        foreach (var change in _changes) change.ApplyTo(_durableNames);
        _changes.Clear();
        return true;
    });

    /// <inheritdoc/>
    public IDisposable? TryLock(string name)
    {
        lock (_gate)
        {
            RequireUp();
            return _locks.Add(name) ? new Held(this, name) : null;
        }
    }

    /// <summary>Another disk with the same files, all durable; this one goes on.</summary>
    public SimulatedStorage Copy()
    {
        lock (_gate)
        {
            var copies = _names.ToDictionary(static one => one.Key, static one => one.Value.Copy(), StringComparer.Ordinal);
            return new(Name, new(), copies, new(copies, StringComparer.Ordinal), []) { BytesMax = BytesMax };
        }
    }

    /// <summary>The process ends, and nothing else: what it wrote is there for the next, flushed or not. This object is of no use any more.</summary>
    public SimulatedStorage AfterKill()
    {
        lock (_gate)
        {
            _isDown = true;
            return new(Name, _gate, _names, _durableNames, _changes) { BytesMax = BytesMax };
        }
    }

    /// <summary>The machine loses its power: the disk as it is found afterwards. This object is of no use any more.</summary>
    /// <param name="random">Decides what becomes of what was not flushed, where <paramref name="outcome"/> leaves it open.</param>
    /// <param name="outcome">What becomes of it.</param>
    public SimulatedStorage AfterCrash(Prng random, CrashOutcome outcome = CrashOutcome.Torn)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (outcome == CrashOutcome.Killed) return AfterKill();
        lock (_gate)
        {
            _isDown = true;
            var found = new Dictionary<string, SimulatedInode>(_durableNames, StringComparer.Ordinal);
            foreach (var change in _changes)
            {
                if (outcome is CrashOutcome.Kept or CrashOutcome.NamesOnly || (outcome == CrashOutcome.Torn && random.Chance(500))) change.ApplyTo(found);
            }

            var inodes = new Dictionary<SimulatedInode, SimulatedInode>();
            foreach (var name in found.Keys.Order(StringComparer.Ordinal).ToList())
            {
                if (!inodes.TryGetValue(found[name], out var after)) inodes.Add(found[name], after = found[name].AfterCrash(random, outcome));
                found[name] = after;
            }

            return new(Name, new(), found, new(found, StringComparer.Ordinal), []) { BytesMax = BytesMax };
        }
    }

    /// <summary>The bytes of a file, as they can be read now.</summary>
    public byte[] Contents(string name)
    {
        lock (_gate) return InodeOf(name).Read();
    }

    /// <summary>Changes the bytes of a file behind everybody's back, for good.</summary>
    public void Damage(string name, Func<byte[], byte[]> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (_gate) InodeOf(name).Replace(change(InodeOf(name).Read()));
    }

    internal int Read(SimulatedInode inode, long offset, Span<byte> buffer)
    {
        lock (_gate)
        {
            RequireUp();
            return inode.Read(offset, buffer);
        }
    }

    internal long LengthOf(SimulatedInode inode)
    {
        lock (_gate) return inode.Length;
    }

    internal void Write(SimulatedInode inode, long offset, byte[] bytes) => Change(() =>
    {
        var growth = Math.Max(0, offset + bytes.Length - inode.Length);
        if (growth > 0 && BytesUsed + growth > BytesMax)
        {
            var room = (int)Math.Clamp(BytesMax - BytesUsed + inode.Length - offset, 0, bytes.Length);
            inode.Write(offset, bytes[..room]); // as much as there was room for
            throw new StorageFullException($"No space left on {Name}.");
        }

        inode.Write(offset, bytes);
        return true;
    });

    internal void Flush(SimulatedInode inode, string name) => Change(() =>
    {
        Flushed.Add(name);
        if (FailsFlushOf(name))
        {
            inode.LoseUnflushed();
            throw new IOException($"Input/output error on {Name}/{name}.");
        }

        inode.Flush();
        return true;
    });

    private T Change<T>(Func<T> operation)
    {
        lock (_gate)
        {
            RequireUp();
            if (Operations >= CrashAt && !CrashesAfter) throw Crash();
            Operations++;
            var result = operation();
            if (Operations > CrashAt && CrashesAfter) throw Crash();
            return result;
        }
    }

    private SimulatedCrashException Crash()
    {
        _isDown = true;
        return new();
    }

    private void RequireUp()
    {
        if (_isDown) throw new SimulatedCrashException();
    }

    private SimulatedInode InodeOf(string name) =>
        _names.TryGetValue(name, out var inode) ? inode : throw new FileNotFoundException($"There is no file {Name}/{name}.");

    private void Apply(NameChange change)
    {
        change.ApplyTo(_names);
        _changes.Add(change);
    }

    /// <summary>One change of names: at once there or not there at all.</summary>
    private sealed record NameChange(string? From, string? To, SimulatedInode? Inode)
    {
        public void ApplyTo(Dictionary<string, SimulatedInode> names)
        {
            if (From is not null) names.Remove(From);
            if (To is not null) names[To] = Inode!;
        }
    }

    private sealed class Held(SimulatedStorage storage, string name) : IDisposable
    {
        public void Dispose()
        {
            lock (storage._gate) storage._locks.Remove(name);
        }
    }
}
