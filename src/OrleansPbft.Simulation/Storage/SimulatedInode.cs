namespace OrleansPbft.Simulation.Storage;

/// <summary>The bytes of a file, whatever its name: as they are read, and as they are on the medium.</summary>
internal sealed class SimulatedInode
{
    private readonly List<(long Offset, byte[] Bytes)> _unflushed = [];
    private byte[] _current = [];
    private byte[] _durable = [];
    private int _length;
    private int _durableLength;

    public long Length => _length;

    public byte[] Read() => _current[.._length];

    public int Read(long offset, Span<byte> buffer)
    {
        var count = (int)Math.Clamp(_length - offset, 0, buffer.Length);
        if (count > 0) _current.AsSpan((int)offset, count).CopyTo(buffer);
        return count;
    }

    public void Write(long offset, byte[] bytes)
    {
        if (bytes.Length == 0) return;
        Apply(ref _current, ref _length, offset, bytes);
        _unflushed.Add((offset, bytes));
    }

    public void Flush()
    {
        foreach (var (offset, bytes) in _unflushed) Apply(ref _durable, ref _durableLength, offset, bytes);
        _unflushed.Clear();
    }

    public void LoseUnflushed() => _unflushed.Clear();

    public void Replace(byte[] bytes)
    {
        _unflushed.Clear();
        _current = bytes;
        _durable = [.. bytes];
        _length = _durableLength = bytes.Length;
    }

    public SimulatedInode Copy()
    {
        var copy = new SimulatedInode();
        copy.Replace(Read());
        return copy;
    }

    /// <summary>What is on the medium after the power was lost.</summary>
    public SimulatedInode AfterCrash(Prng random, CrashOutcome outcome)
    {
        var after = new SimulatedInode { _durable = [.. _durable], _durableLength = _durableLength };
        if (outcome == CrashOutcome.Kept)
        {
            foreach (var (offset, bytes) in _unflushed) Apply(ref after._durable, ref after._durableLength, offset, bytes);
        }
        else if (outcome == CrashOutcome.Torn)
        {
            Tear(after, random);
        }

        after._current = [.. after._durable];
        after._length = after._durableLength;
        return after;
    }

    /// <summary>Each write that was not flushed is there, lost, or there in part, and they reach the medium in any order.</summary>
    private void Tear(SimulatedInode after, Prng random)
    {
        var order = Enumerable.Range(0, _unflushed.Count).ToArray();
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = random.Between(0, i);
            (order[i], order[j]) = (order[j], order[i]);
        }

        foreach (var i in order)
        {
            var (offset, bytes) = _unflushed[i];
            var (from, to) = random.Between(0, 2) switch
            {
                0 => (0, 0), // lost
                1 => (0, bytes.Length),
                _ => (random.Between(0, bytes.Length), random.Between(0, bytes.Length)), // torn; nothing where it ends before it begins
            };
            if (from < to) Apply(ref after._durable, ref after._durableLength, offset + from, bytes[from..to]);
        }
    }

    private static void Apply(ref byte[] content, ref int length, long offset, byte[] bytes)
    {
        var end = checked((int)(offset + bytes.Length));
        if (end > content.Length) Array.Resize(ref content, Math.Max(end, 2 * content.Length)); // zeroes between, as in a file with a hole
        bytes.CopyTo(content, offset);
        length = Math.Max(length, end);
    }
}
