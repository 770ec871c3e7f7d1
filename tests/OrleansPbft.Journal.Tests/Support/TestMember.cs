using OrleansPbft.Core;
using OrleansPbft.Services;

namespace OrleansPbft.Journal.Tests;

/// <summary>One replica with its leader, and everything it ever made durable.</summary>
internal sealed class TestMember
{
    public TestMember(int self, ProtocolOptions options, IEnumerable<JournalRecord>? records, Outbox outbox, Instant now, long? life = null)
    {
        State = new(options, Make.Cluster, new KeyValueStore());
        Replica = new(new(self), options, State);
        Leader = new(new(self), options);
        if (records is not null) Replica.Recover(records);
        if (life is { } drawn) Replica.Join(drawn);
        Replica.Start(now, outbox);
    }

    public ReplicatedState State { get; }

    public Replica Replica { get; }

    public Leader Leader { get; }

    /// <summary>A replica that starts from records, for a look at it.</summary>
    public static TestMember From(int self, ProtocolOptions options, IEnumerable<JournalRecord> records) => new(self, options, records, new(), Make.Noon);
}
