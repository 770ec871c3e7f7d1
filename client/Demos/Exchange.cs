using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using OrleansPbft.Core;

namespace OrleansPbft.ClientConsole.Demos;

/// <summary>One request as its client saw it: when it was sent to whom, and what each replica answered when.</summary>
internal sealed class Exchange(RequestId request, int replicas, TimeProvider time)
{
    private const int RepliesMax = 1024; // a liar may say much

    private readonly Lock _gate = new();
    private readonly long _began = time.GetTimestamp();
    private readonly TaskCompletionSource _allReplied = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableArray<(TimeSpan At, ReplicaSet To)> _sent = [];
    private ImmutableArray<(TimeSpan At, Reply Reply)> _replies = [];
    private int _rejected;

    public RequestId Request => request;

    /// <summary>When it was sent to whom, counted from the first time.</summary>
    public ImmutableArray<(TimeSpan At, ReplicaSet To)> Sent
    {
        get
        {
            lock (_gate) return _sent;
        }
    }

    /// <summary>What was answered, in the order of arrival; each replica's name is proven, what it says is not.</summary>
    public ImmutableArray<(TimeSpan At, Reply Reply)> Replies
    {
        get
        {
            lock (_gate) return _replies;
        }
    }

    /// <summary>How many answers did not prove who gave them.</summary>
    public int Rejected
    {
        get
        {
            lock (_gate) return _rejected;
        }
    }

    /// <summary>Complete once every replica has answered something.</summary>
    public Task AllReplied => _allReplied.Task;

    public TimeSpan Elapsed => time.GetElapsedTime(_began);

    public void OnSent(ReplicaSet to)
    {
        lock (_gate) _sent = _sent.Add((Elapsed, to));
    }

    public void OnReply(Reply reply)
    {
        lock (_gate)
        {
            if (_replies.Length < RepliesMax) _replies = _replies.Add((Elapsed, reply));
            if (_replies.Select(static entry => entry.Reply.Sender).Distinct().Count() == replicas) _allReplied.TrySetResult();
        }
    }

    public void OnRejected()
    {
        lock (_gate) _rejected++;
    }

    /// <summary>The last thing that a replica answered.</summary>
    public bool TryGetReplyOf(int replica, [NotNullWhen(true)] out Reply? reply, out TimeSpan at)
    {
        (at, reply) = Replies.LastOrDefault(entry => entry.Reply.Sender.Index == replica);
        return reply is not null;
    }

    /// <summary>Whether two replies would count together for a client (rule C-4).</summary>
    public static bool AreEqual(Reply one, Reply other) =>
        one.Session == other.Session && one.Sequence == other.Sequence && one.Status == other.Status && one.Results.Span.SequenceEqual(other.Results.Span);
}
