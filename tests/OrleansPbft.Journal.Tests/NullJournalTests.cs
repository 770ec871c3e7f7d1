using System.Runtime.CompilerServices;
using OrleansPbft.Core;

namespace OrleansPbft.Journal.Tests;

/// <summary>Rule D-1, <c>Durability = None</c>.</summary>
public sealed class NullJournalTests
{
    private readonly IReplicaJournal _journal = NullJournal.Instance;

    public static TheoryData<JournalRecordKind> Kinds =>
        [.. Enum.GetValues<JournalRecordKind>().Where(static kind => kind != JournalRecordKind.None)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_flush_of_any_record_is_over_at_once(JournalRecordKind kind)
    {
        _journal.Append(new(kind, View.Initial, new(1), Digest.Zero, null));

        var flush = _journal.FlushAsync(TestContext.Current.CancellationToken).AsTask();

        Assert.True(flush.IsCompletedSuccessfully);
    }

    [Fact]
    public void It_keeps_nothing_of_what_was_appended()
    {
        var proposal = AppendProposal();

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.False(proposal.IsAlive);
    }

    [Fact]
    public void A_record_of_nothing_is_refused() =>
        Assert.Throws<ArgumentException>(() => _journal.Append(default));

    [Fact]
    public void A_cancelled_flush_says_so() =>
        Assert.True(_journal.FlushAsync(new CancellationToken(canceled: true)).AsTask().IsCanceled);

    // Not inlined: the caller's frame must not hold the proposal.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference AppendProposal()
    {
        var proposal = new PrePrepare(View.Initial, new(1), BatchEncoding.Encode(new(1), []), new(0));
        _journal.Append(new(JournalRecordKind.PrePrepared, View.Initial, new(1), proposal.Digest, proposal));
        return new(proposal);
    }
}
