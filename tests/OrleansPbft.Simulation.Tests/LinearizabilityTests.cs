using OrleansPbft.Services;
using OrleansPbft.Simulation.Checkers;
using OrleansPbft.Simulation.Checkers.Linearizability;

namespace OrleansPbft.Simulation.Tests;

/// <summary>The search accepts what one store could have told its clients, and nothing else.</summary>
public sealed class LinearizabilityTests
{
    private readonly SimulationReport _report = new();
    private readonly LinearizabilityChecker _checker;
    private int _calls;

    public LinearizabilityTests() => _checker = new(_report);

    [Fact]
    public void Calls_one_after_the_other_are_explained()
    {
        Call(0, 1, Put("k", "a"), Written(1));
        Call(2, 3, Get("k"), Found(1, "a"));
        Call(4, 5, Increment("n", 5), Written(2, "5"));
        Call(6, 7, Delete("k"), new(KeyValueOutcome.Deleted, 1, ""));
        Call(8, 9, Get("k"), new(KeyValueOutcome.NotFound));
        Call(10, 11, Put("k", "b", ifVersion: 1), new(KeyValueOutcome.VersionMismatch));
        Call(12, 13, Put("k", "b", ifVersion: 0), Written(4));
        Call(14, 15, Increment("k", 1), new(KeyValueOutcome.NotANumber, 4, ""));

        _checker.Check();

        Assert.Equal((2, 8), (_report[Mark.HistoriesLinearized], _report[Mark.CallsLinearized]));
    }

    [Fact]
    public void A_read_that_races_a_write_may_see_it_or_not()
    {
        Call(0, 1, Put("k", "a"), Written(1));
        Call(2, 9, Put("k", "b"), Written(2));
        Call(3, 4, Get("k"), Found(1, "a"));
        Call(5, 6, Get("k"), Found(2, "b"));

        _checker.Check();
    }

    [Fact]
    public void A_stale_read_is_rejected()
    {
        Call(0, 1, Put("k", "a"), Written(1));
        Call(2, 3, Put("k", "b"), Written(2));
        Call(4, 5, Get("k"), Found(1, "a"));

        Fails("no order of the 3 calls on k");
    }

    [Fact]
    public void Reads_that_go_back_in_time_are_rejected()
    {
        Call(0, 1, Put("k", "a"), Written(1));
        Call(2, 9, Put("k", "b"), Written(2));
        Call(3, 4, Get("k"), Found(2, "b"));
        Call(5, 6, Get("k"), Found(1, "a"));

        Fails("no order");
    }

    [Fact]
    public void A_lost_update_is_rejected()
    {
        Call(0, 5, Increment("k", 1), Written(1, "1"));
        Call(0, 5, Increment("k", 1), Written(2, "1"));

        Fails("no order");
    }

    [Fact]
    public void An_update_applied_twice_is_rejected()
    {
        Call(0, 1, Increment("k", 1), Written(1, "1"));
        Call(2, 3, Get("k"), Found(2, "2"));

        Fails("no order");
    }

    [Fact]
    public void A_condition_that_did_not_hold_is_rejected()
    {
        Call(0, 1, Put("k", "a"), Written(1));
        Call(2, 3, Put("k", "b"), Written(2));
        Call(4, 5, Put("k", "c", ifVersion: 1), Written(3));

        Fails("no order");
    }

    [Fact]
    public void A_call_without_an_answer_may_have_taken_effect_or_not()
    {
        Call(0, 1, Put("k", "a"), Written(1));
        Open(2, Put("k", "b"));
        Open(2, Increment("n", 4));
        Call(3, 4, Get("k"), Found(1, "a"));
        Call(5, 6, Get("k"), Found(2, "b")); // so late it came
        Call(7, 8, Increment("n", 1), Written(3, "1"));

        _checker.Check();

        Assert.Equal(2, _report[Mark.OpenCallsConsidered]);
    }

    [Fact]
    public void A_call_without_an_answer_takes_effect_at_most_once_and_not_before_it_was_made()
    {
        Call(0, 1, Increment("k", 1), Written(1, "1"));
        Open(2, Increment("k", 1));
        Call(3, 4, Increment("k", 1), Written(4, "4"));

        Fails("no order");
    }

    [Fact]
    public void A_call_without_an_answer_explains_nothing_before_it_was_made()
    {
        Call(0, 1, Get("k"), Found(1, "a"));
        Open(2, Put("k", "a"));

        Fails("no order");
    }

    [Fact]
    public void A_bundle_takes_effect_at_one_instant_across_its_keys()
    {
        Call(0, 9, [Put("a", "x"), Put("b", "x")], [Written(1), Written(2)]);
        Call(3, 4, Get("b"), Found(2, "x"));
        Call(5, 6, Get("a"), Found(1, "x"));
        _checker.Check();

        Call(5, 6, Get("a"), new(KeyValueOutcome.NotFound)); // b was seen written before
        Fails("calls on a, b");
    }

    [Fact]
    public void A_version_given_out_twice_is_rejected()
    {
        Call(0, 1, Put("a", "x"), Written(1));
        Call(0, 1, Put("b", "x"), Written(1));

        Fails("given out twice");
    }

    [Fact]
    public void Versions_that_contradict_real_time_are_rejected_across_keys()
    {
        Call(0, 1, Put("a", "x"), Written(2));
        Call(2, 3, Put("b", "x"), Written(1));

        Fails("has a higher version");
    }

    [Fact]
    public void What_can_not_be_decided_is_a_failure()
    {
        for (var i = 0; i < 200; i++) Call(i, i + 50, Increment("k", 1), Written(i + 1, $"{i + 1}"));

        Fails("undecided for k after 10 steps", stepsMax: 10);
        _checker.Check();
    }

    /// <summary>Many clients, answers in an order that says nothing, hints that mislead: the memory of what was tried keeps it within its steps.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_long_history_of_many_clients_is_decided_either_way(ulong seed)
    {
        var random = new Prng(seed);
        var value = 0L;
        for (var i = 0; i < 3000; i++)
        {
            // Each takes effect at 10 i + 5, somewhere between its invocation and its return.
            var (before, after) = (random.Between(0, 60), random.Between(0, 60));
            if (random.Chance(300)) Call((10 * i) + 5 - before, (10 * i) + 5 + after, Get("k"), value == 0 ? new(KeyValueOutcome.NotFound) : Found(value, $"{value}"));
            else Call((10 * i) + 5 - before, (10 * i) + 5 + after, Increment("k", 1), Written(++value, $"{value}"));
        }

        _checker.Check();

        Call(40_000, 40_001, Get("k"), Found(value - 1, $"{value - 1}"));
        Fails("Linearizability");
    }

    private static WorkloadOperation Put(string key, string value, long? ifVersion = null) => new(WorkloadOperationKind.Put, key, value, IfVersion: ifVersion);

    private static WorkloadOperation Get(string key) => new(WorkloadOperationKind.Get, key);

    private static WorkloadOperation Delete(string key) => new(WorkloadOperationKind.Delete, key);

    private static WorkloadOperation Increment(string key, long by) => new(WorkloadOperationKind.Increment, key, By: by);

    private static ModelResult Written(long version, string value = "") => new(KeyValueOutcome.Written, version, value);

    private static ModelResult Found(long version, string value) => new(KeyValueOutcome.Found, version, value);

    private void Call(long invoked, long returned, WorkloadOperation operation, ModelResult result) => Call(invoked, returned, [operation], [result]);

    private void Call(long invoked, long returned, WorkloadOperation[] operations, ModelResult[] results)
    {
        var call = new ClientCall($"call {++_calls}", invoked, operations);
        call.Complete(returned, results);
        call.Suggest(0); // which says nothing
        _checker.Add(call);
    }

    private void Open(long invoked, WorkloadOperation operation) => _checker.Add(new($"call {++_calls}", invoked, [operation]));

    private void Fails(string reason, long stepsMax = LinearizabilityChecker.StepsMax) =>
        Assert.Contains(reason, Assert.Throws<SimulationFailedException>(() => _checker.Check(stepsMax)).Message, StringComparison.Ordinal);
}
