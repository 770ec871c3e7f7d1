using System.Collections.Immutable;

namespace OrleansPbft.Core;

/// <summary>The canonical bodies of VIEW-CHANGE and NEW-VIEW (docs/wire-format.md). Reading checks all of rule VC-3 that one message can show.</summary>
internal static class ViewChangeEncoding
{
    private const int ViewChangeBytesMin = (2 * sizeof(long)) + (3 * sizeof(uint));
    private const int CheckpointBytes = sizeof(long) + Digest.Bytes;
    private const int EntryBytes = sizeof(long) + Digest.Bytes + sizeof(long);
    private const int NewViewBytesMin = sizeof(long) + CheckpointBytes + (2 * sizeof(uint));

    public static int BodyBytes(int checkpoints, int prepared, int prePrepared) =>
        ViewChangeBytesMin + (checkpoints * CheckpointBytes) + ((prepared + prePrepared) * EntryBytes);

    public static int BodyBytes(NewView newView)
    {
        var bytes = NewViewBytesMin + (newView.Decision.Choices.Length * Digest.Bytes);
        foreach (var viewChange in newView.ViewChanges) bytes += sizeof(uint) + viewChange.Envelope.Length;
        return bytes;
    }

    /// <summary>The most bytes of a VIEW-CHANGE's body: C of one window's checkpoints, P and Q of one window.</summary>
    public static int ViewChangeBytesMax(int logWindow, int checkpointInterval) =>
        BodyBytes((logWindow / checkpointInterval) + 1, logWindow, ViewChange.PrePreparedMax * logWindow);

    /// <summary>The most bytes of a NEW-VIEW's body: a VIEW-CHANGE of each replica, and the choices of one window.</summary>
    public static int NewViewBytesMax(int replicas, int logWindow, int checkpointInterval) =>
        NewViewBytesMin + (logWindow * Digest.Bytes)
        + (replicas * (sizeof(uint) + EnvelopeEncoding.SignedBytes(MessageKind.ViewChange) + ViewChangeBytesMax(logWindow, checkpointInterval)));

    public static void Write(ref WireWriter writer, ViewChange viewChange)
    {
        writer.WriteInt64(viewChange.View.Number);
        writer.WriteInt64(viewChange.StableCheckpoint.Value);
        writer.WriteLength(viewChange.Checkpoints.Length);
        foreach (var checkpoint in viewChange.Checkpoints)
        {
            writer.WriteInt64(checkpoint.Sequence.Value);
            writer.WriteDigest(checkpoint.Digest);
        }

        Write(ref writer, viewChange.Prepared);
        Write(ref writer, viewChange.PrePrepared);
    }

    public static void Write(ref WireWriter writer, NewView newView)
    {
        writer.WriteInt64(newView.View.Number);
        writer.WriteInt64(newView.Decision.Base.Sequence.Value);
        writer.WriteDigest(newView.Decision.Base.Digest);
        writer.WriteLength(newView.Decision.Choices.Length);
        foreach (var choice in newView.Decision.Choices) writer.WriteDigest(choice);
        writer.WriteLength(newView.ViewChanges.Length);
        foreach (var viewChange in newView.ViewChanges)
        {
            writer.WriteLength(viewChange.Envelope.Length);
            writer.WriteBytes(viewChange.Envelope.Span);
        }
    }

    /// <summary>Reads a VIEW-CHANGE. The caller has verified the seal.</summary>
    public static RejectReason TryRead(in EnvelopeFrame frame, WireLimits limits, out ViewChange? viewChange)
    {
        viewChange = null;
        var reader = new WireReader(frame.Body);
        if (!TryReadNumber(ref reader, min: 1, out var view)
            || !TryReadNumber(ref reader, min: 0, out var stable)
            || stable % limits.CheckpointInterval != 0
            || !TryReadCheckpoints(ref reader, stable, limits, out var checkpoints)
            || !TryReadEntries(ref reader, stable, view, limits.LogWindow, perSequence: 1, out var prepared)
            || !TryReadEntries(ref reader, stable, view, limits.LogWindow, ViewChange.PrePreparedMax, out var prePrepared)
            || reader.Remaining > 0) return RejectReason.Malformed;

        viewChange = new(new(view), new(stable), checkpoints, prepared, prePrepared, frame.Replica, frame.Envelope);
        return RejectReason.None;
    }

    /// <summary>Cuts a NEW-VIEW into what it says and the envelopes of its VIEW-CHANGEs, which are not looked into.</summary>
    public static RejectReason TryRead(
        in EnvelopeFrame frame, WireLimits limits, out View view, out ViewChangeDecision? decision, out ImmutableArray<ReadOnlyMemory<byte>> envelopes)
    {
        view = default;
        decision = null;
        envelopes = [];
        var reader = new WireReader(frame.Body);
        if (!TryReadNumber(ref reader, min: 1, out var v)
            || !TryReadNumber(ref reader, min: 0, out var sequence)
            || !reader.TryReadDigest(out var digest)
            || !IsCheckpoint(sequence, digest, limits)
            || !reader.TryReadLength(out var choices)) return RejectReason.Malformed;
        if (choices > (uint)limits.LogWindow) return RejectReason.TooLarge;
        if (choices > (uint)(reader.Remaining / Digest.Bytes)) return RejectReason.Malformed; // before room is made for them

        var chosen = ImmutableArray.CreateBuilder<Digest>((int)choices);
        for (var i = 0; i < choices; i++)
        {
            if (!reader.TryReadDigest(out var choice)) return RejectReason.Malformed;
            chosen.Add(choice);
        }

        if (!reader.TryReadLength(out var count)) return RejectReason.Malformed;
        if (count > (uint)limits.Replicas) return RejectReason.TooLarge;
        var read = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>((int)count);
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadLength(out var length) || !reader.TryReadBytes(length, out var envelope)) return RejectReason.Malformed;
            read.Add(envelope);
        }

        if (reader.Remaining > 0) return RejectReason.Malformed;
        view = new(v);
        decision = new(new(new(sequence), digest), chosen.MoveToImmutable());
        envelopes = read.MoveToImmutable();
        return RejectReason.None;
    }

    private static void Write(ref WireWriter writer, ImmutableArray<LogEntry> entries)
    {
        writer.WriteLength(entries.Length);
        foreach (var entry in entries)
        {
            writer.WriteInt64(entry.Sequence.Value);
            writer.WriteDigest(entry.Digest);
            writer.WriteInt64(entry.View.Number);
        }
    }

    /// <summary>C: multiples of K in [h, h + L], ascending; h itself is missing where its digest was never seen. At n = 0, where all began, it is zero.</summary>
    private static bool TryReadCheckpoints(ref WireReader reader, long stable, WireLimits limits, out ImmutableArray<HeldCheckpoint> checkpoints)
    {
        checkpoints = [];
        if (!reader.TryReadLength(out var count) || count > (uint)(reader.Remaining / CheckpointBytes)) return false;
        var read = ImmutableArray.CreateBuilder<HeldCheckpoint>((int)count);
        var before = -1L;
        for (var i = 0; i < count; i++)
        {
            if (!TryReadNumber(ref reader, min: 0, out var sequence) || !reader.TryReadDigest(out var digest)) return false;
            if (sequence < stable || sequence <= before || sequence - stable > limits.LogWindow) return false;
            if (!IsCheckpoint(sequence, digest, limits)) return false;
            before = sequence;
            read.Add(new(new(sequence), digest));
        }

        checkpoints = read.MoveToImmutable();
        return true;
    }

    /// <summary>P or Q: in (h, h + L], of views below v, in strictly ascending order, with so many digests for one n at most (rule VC-3).</summary>
    private static bool TryReadEntries(ref WireReader reader, long stable, long view, int window, int perSequence, out ImmutableArray<LogEntry> entries)
    {
        entries = [];
        if (!reader.TryReadLength(out var count) || count > (uint)(reader.Remaining / EntryBytes)) return false;
        var read = ImmutableArray.CreateBuilder<LogEntry>((int)count);
        var here = 0;
        for (var i = 0; i < count; i++)
        {
            if (!TryReadNumber(ref reader, min: 1, out var sequence)
                || !reader.TryReadDigest(out var digest)
                || !TryReadNumber(ref reader, min: 0, out var prepared)) return false;
            if (sequence <= stable || sequence - stable > window || prepared >= view) return false;
            if (read is [.., var last] && last.Sequence.Value >= sequence)
            {
                if (last.Sequence.Value > sequence || last.Digest.CompareTo(digest) >= 0 || ++here > perSequence) return false;
            }
            else
            {
                here = 1;
            }

            read.Add(new(new(sequence), digest, new(prepared)));
        }

        entries = read.MoveToImmutable();
        return true;
    }

    private static bool IsCheckpoint(long sequence, in Digest digest, WireLimits limits) =>
        sequence % limits.CheckpointInterval == 0 && (sequence > 0 || digest == Digest.Zero);

    private static bool TryReadNumber(ref WireReader reader, long min, out long number) =>
        reader.TryReadInt64(out number) && number >= min && number <= WireLimits.NumberMax;
}
