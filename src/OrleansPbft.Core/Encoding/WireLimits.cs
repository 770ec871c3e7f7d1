namespace OrleansPbft.Core;

/// <summary>How long and how large anything on the wire may be: what a decoder refuses before it allocates (rules A-4, N-8).</summary>
public sealed class WireLimits
{
    /// <summary>The largest view, sequence, session and request number accepted: sums with any window stay far from overflow.</summary>
    public const long NumberMax = long.MaxValue / 2;

    /// <summary>The latest timestamp accepted, the end of the year 9999: differences of two timestamps fit a <see cref="TimeSpan"/>.</summary>
    public const long TimestampMax = 253_402_300_799_999_999;

    /// <summary>Takes the limits from a cluster's options.</summary>
    public WireLimits(ProtocolOptions options)
    {
        Replicas = options.Cluster.Replicas;
        LogWindow = options.LogWindow;
        CheckpointInterval = options.CheckpointInterval;
        RequestBytesMax = options.RequestBytesMax;
        OperationsMax = options.OperationsMax;
        BatchRequestsMax = options.BatchMax;
        BatchRequestBytesMax = options.BatchBytesMax;
        BatchEncodingBytesMax = BatchEncoding.HeaderBytes + (options.BatchMax * BatchEncoding.RequestHeaderBytes) + options.BatchBytesMax;

        // Each operation's result can at least say that it failed, however small ResultBytesMax is.
        ResultsBytesMax = options.ResultBytesMax + OperationResults.BytesMin(options.OperationsMax);

        var proposal = EnvelopeEncoding.SignedBytes(MessageKind.PrePrepare) + MessageEncoding.ProposalBodyBytes + sizeof(uint) + BatchEncodingBytesMax;
        var reply = EnvelopeEncoding.SignedBytes(MessageKind.Reply) + MessageEncoding.ReplyBodyBytesMin + ResultsBytesMax + EnvelopeEncoding.BatchSealBytesMax;
        ViewChangeBodyBytesMax = ViewChangeEncoding.ViewChangeBytesMax(LogWindow, CheckpointInterval);
        NewViewBodyBytesMax = ViewChangeEncoding.NewViewBytesMax(Replicas, LogWindow, CheckpointInterval);
        var newView = EnvelopeEncoding.SignedBytes(MessageKind.NewView) + NewViewBodyBytesMax;
        ChunkBytesMax = StateSnapshot.ChunkBytesMax(options);
        ChunksBodyBytesMax = ChunkEncoding.ChunksBytesMax(ChunkBytesMax);
        var chunks = EnvelopeEncoding.SignedBytes(MessageKind.Chunks) + ChunksBodyBytesMax;
        EnvelopeBytesMax = Math.Max(Math.Max(Math.Max(proposal, reply), chunks), Math.Max(newView, RequestBytesMax));
    }

    /// <summary>n: replicas are 0 .. n - 1.</summary>
    public int Replicas { get; }

    /// <summary>L: how far P and Q of a VIEW-CHANGE reach beyond h.</summary>
    public int LogWindow { get; }

    /// <summary>K: checkpoints are multiples of it.</summary>
    public int CheckpointInterval { get; }

    /// <summary>The most bytes a VIEW-CHANGE's body takes.</summary>
    public int ViewChangeBodyBytesMax { get; }

    /// <summary>The most bytes a NEW-VIEW's body takes.</summary>
    public int NewViewBodyBytesMax { get; }

    /// <summary>The most bytes one chunk of the state takes.</summary>
    public int ChunkBytesMax { get; }

    /// <summary>The most bytes a CHUNKS' body takes.</summary>
    public int ChunksBodyBytesMax { get; }

    /// <summary>The most bytes a REQUEST's envelope takes.</summary>
    public int RequestBytesMax { get; }

    /// <summary>The most operations a REQUEST bundles.</summary>
    public int OperationsMax { get; }

    /// <summary>The most requests a batch holds.</summary>
    public int BatchRequestsMax { get; }

    /// <summary>The most bytes the envelopes of all requests of one batch take.</summary>
    public int BatchRequestBytesMax { get; }

    /// <summary>The most bytes the encoding of a batch takes.</summary>
    public int BatchEncodingBytesMax { get; }

    /// <summary>The most bytes the encoded results in a REPLY take.</summary>
    public int ResultsBytesMax { get; }

    /// <summary>The most bytes any envelope takes: a frame that announces more can be refused unread.</summary>
    public int EnvelopeBytesMax { get; }
}
