namespace OrleansPbft.Core;

/// <summary>What a message is. The number is the kind's byte on the wire and part of what is signed (rule A-1).</summary>
public enum MessageKind : byte
{
    /// <summary>Not a message.</summary>
    None = 0,

    /// <summary>⟨REQUEST, s, m, o*⟩ of a client.</summary>
    Request = 1,

    /// <summary>⟨PRE-PREPARE, v, n, d⟩ of the primary, with the batch that digests to d.</summary>
    PrePrepare = 2,

    /// <summary>⟨PREPARE, v, n, d, i⟩ of a backup.</summary>
    Prepare = 3,

    /// <summary>⟨COMMIT, v, n, d, i⟩ of a replica.</summary>
    Commit = 4,

    /// <summary>⟨CHECKPOINT, n, d, i⟩ of a replica.</summary>
    Checkpoint = 5,

    /// <summary>⟨REPLY, v, s, m, n, r, i⟩ to a client.</summary>
    Reply = 6,

    /// <summary>⟨STATUS, v, h, e, i⟩: where a replica stands, so that peers resend what it lacks.</summary>
    Status = 7,

    /// <summary>⟨SUSPECT, v, i⟩: replica i finds that view v does not work.</summary>
    Suspect = 8,

    /// <summary>⟨VIEW-CHANGE, v, h, C, P, Q, i⟩ of a replica that has left all views before v.</summary>
    ViewChange = 9,

    /// <summary>⟨NEW-VIEW, v, S, base, choices⟩ of the primary of v.</summary>
    NewView = 10,

    /// <summary>⟨READ, m, o*⟩ of a client.</summary>
    Read = 11,

    /// <summary>⟨READ-REPLY, v, m, e, p, r, i⟩ to a client.</summary>
    ReadReply = 12,

    /// <summary>⟨FETCH-BATCH, n, d, i⟩: replica i lacks the batch of digest d.</summary>
    FetchBatch = 13,

    /// <summary>⟨BATCH, n, d, i⟩ with the batch that digests to d.</summary>
    Batch = 14,

    /// <summary>⟨FETCH-CHUNKS, n, id*, i⟩: replica i lacks these chunks of the state at checkpoint n.</summary>
    FetchChunks = 15,

    /// <summary>⟨CHUNKS, n, chunk*, i⟩: chunks of the state at checkpoint n.</summary>
    Chunks = 16,

    /// <summary>⟨SESSION-KEY, e, X⟩ of a replica or a client: what others derive the keys of MACs with it from (rule A-2).</summary>
    SessionKey = 17,

    /// <summary>⟨PACK, m*, i⟩: several messages of a replica to one receiver, under one MAC.</summary>
    Pack = 18,
}
