using FsCheck.Fluent;
using OrleansPbft.Tests;

namespace OrleansPbft.Core.Tests;

/// <summary>No read is answered from a state older than one that was executed anywhere before it began (C-7): the argument of
/// <see cref="QuorumRead"/>, tried out.</summary>
/// <remarks>The model is what a correct cluster keeps to: a correct replica executes s only when so many correct ones have prepared it that,
/// with all the faulty, they are q; and what it has prepared, it names. The state after s has the value "s".</remarks>
public sealed class StaleReadTests
{
    [Fact]
    public void At_four_replicas_no_state_no_liar_and_no_order_of_arrival_makes_a_stale_read()
    {
        var accepted = 0;
        var stale = 0;
        foreach (var correct in PropertyCheck.Cases(StatesOfThree()))
        {
            var frontier = Frontier(correct);
            foreach (var lie in Lies())
            {
                foreach (var order in Orders)
                {
                    var read = QuorumReadTests.New();
                    foreach (var replica in order)
                    {
                        var reply = replica < 3 ? Truth(replica, correct[replica]) : lie;
                        if (reply is not null) read.OnReply(Make.Noon, reply);
                    }

                    if (read.Accepted is null) continue;
                    accepted++;
                    if (!long.TryParse(QuorumReadTests.Text(read), out var value) || value < frontier) stale++;
                }
            }
        }

        Assert.Equal(0, stale);
        Assert.True(accepted > (PropertyCheck.IsThorough() ? 800 * Orders.Length : 0), $"Only {accepted} reads were accepted: nothing was shown.");
    }

    /// <summary>That the model can tell: without the rule's bound, stale reads are found.</summary>
    [Fact]
    public void F_plus_1_equal_answers_alone_would_be_stale()
    {
        var stale = StatesOfThree().Count(correct =>
            correct.GroupBy(static state => state.Executed).Any(group => group.Count() >= 2 && group.Key < Frontier(correct)));

        Assert.True(stale > 0);
    }

    [Fact]
    public void Whatever_liars_laggards_and_silent_replicas_do_reads_never_go_back()
    {
        var accepted = 0;
        PropertyCheck.Holds(
            from n in Gen.Choose(4, 10)
            from faulty in Gen.Choose(0, (n - 1) / 3)
            from choices in Gen.ArrayOf(Gen.Choose(0, 1_000_000), 1_500)
            select (n, faulty, choices),
            input => accepted += new Cluster(input.n, input.faulty, input.choices).Run(),
            tests: 400);

        if (!PropertyCheck.IsThorough(usual: 400)) return;
        Assert.True(accepted > 2_000, $"Only {accepted} reads were accepted: nothing was shown.");
    }

    [Fact]
    public void A_cluster_at_rest_answers_every_read_however_f_replicas_lie()
    {
        PropertyCheck.Holds(
            from n in Gen.Choose(4, 10)
            from choices in Gen.ArrayOf(Gen.Choose(0, 1_000_000), 60)
            select (n, choices),
            static input =>
            {
                var cluster = new Cluster(input.n, (input.n - 1) / 3, input.choices);
                cluster.Rest(5);
                var read = QuorumReadTests.New(input.n);
                foreach (var reply in cluster.Replies()) read.OnReply(Make.Noon, reply);
                Assert.Equal("5", QuorumReadTests.Text(read));
            });
    }

    private static readonly int[][] Orders =
    [
        .. from a in Enumerable.Range(0, 4)
           from b in Enumerable.Range(0, 4)
           from c in Enumerable.Range(0, 4)
           from d in Enumerable.Range(0, 4)
           where new[] { a, b, c, d }.Distinct().Count() == 4
           select new[] { a, b, c, d },
    ];

    /// <summary>Every state that three correct replicas can be in with up to 2 executed and 3 prepared.</summary>
    private static IEnumerable<State[]> StatesOfThree()
    {
        State[] each = [.. from e in Enumerable.Range(0, 3) from p in Enumerable.Range(e, 4 - e) select new State(e, p)];
        return from a in each
               from b in each
               from c in each
               let states = new[] { a, b, c }
               where IsPossible(states, new(4))
               select states;
    }

    /// <summary>Silence, and every lie about how far, with every value that is plausible and one that is not.</summary>
    private static ReadReply?[] Lies() =>
    [
        null,
        .. from e in Enumerable.Range(0, 4)
           from p in Enumerable.Range(0, 4)
           from value in new[] { "0", "1", "2", "lie" }
           select QuorumReadTests.Reply(3, value, e, p),
    ];

    private static bool IsPossible(State[] correct, ClusterSize cluster) =>
        correct.All(state => CanExecute(state.Executed, correct.Select(static other => other.Prepared), cluster, cluster.MaxFaulty));

    private static bool CanExecute(long sequence, IEnumerable<long> preparedByCorrect, ClusterSize cluster, int faulty) =>
        sequence == 0 || preparedByCorrect.Count(prepared => prepared >= sequence) >= cluster.Quorum - faulty;

    /// <summary>The most that any correct replica has executed: what a client can know to be done.</summary>
    private static long Frontier(IEnumerable<State> correct) => correct.Max(static state => state.Executed);

    private static ReadReply Truth(int replica, State state) =>
        QuorumReadTests.Reply(replica, state.Executed.ToString(System.Globalization.CultureInfo.InvariantCulture), state.Executed, state.Prepared);

    private readonly record struct State(long Executed, long Prepared);

    /// <summary>A cluster whose correct replicas prepare and execute as they may, while one read after another is made.</summary>
    private sealed class Cluster
    {
        private readonly ClusterSize _size;
        private readonly int _faulty;
        private readonly int[] _choices;
        private readonly State[] _states;
        private int _next;

        public Cluster(int n, int faulty, int[] choices)
        {
            _size = new(n);
            _faulty = faulty;
            _choices = choices;
            _states = new State[n - faulty];
        }

        public int Run()
        {
            var accepted = 0;
            while (_next < _choices.Length)
            {
                Move();
                var frontier = Frontier(_states);
                var read = QuorumReadTests.New(_size.Replicas);
                var named = _states.Select(static state => state.Prepared).ToArray(); // when the read came
                for (var i = 0; i < 4 * _size.Replicas && read.Accepted is null; i++)
                {
                    var replica = Choose(_size.Replicas);
                    read.OnReply(Make.Noon, replica < _states.Length ? Truth(replica, _states[replica] with { Prepared = named[replica] }) : Lie(replica));
                    if (Choose(3) == 0) Move();
                }

                if (read.Accepted is null) continue;
                accepted++;
                var value = long.Parse(QuorumReadTests.Text(read), System.Globalization.CultureInfo.InvariantCulture);
                Assert.InRange(value, frontier, Frontier(_states));
                Assert.True(read.Accepted.Sequence.Value <= value);
            }

            return accepted;
        }

        public void Rest(long sequence) => Array.Fill(_states, new(sequence, sequence));

        /// <summary>One answer of each replica, in some order.</summary>
        public ReadReply[] Replies() =>
            Enumerable.Range(0, _size.Replicas)
                .OrderBy(_ => Choose(1000))
                .Select(i => i < _states.Length ? Truth(i, _states[i]) : Lie(i))
                .ToArray();

        private void Move()
        {
            for (var moves = Choose(6); moves > 0; moves--)
            {
                var i = Choose(_states.Length);
                var state = _states[i];
                var most = Frontier(_states);
                if (Choose(3) == 0)
                {
                    _states[i] = new(most, Math.Max(state.Prepared, most)); // it catches up, by whatever way
                }
                else if (Choose(2) == 0 && state.Prepared < most + 2)
                {
                    _states[i] = state with { Prepared = state.Prepared + 1 };
                }
                else if (CanExecute(state.Executed + 1, _states.Select(static other => other.Prepared), _size, _faulty))
                {
                    _states[i] = new(state.Executed + 1, Math.Max(state.Prepared, state.Executed + 1));
                }
            }
        }

        private ReadReply Lie(int replica) => QuorumReadTests.Reply(
            replica,
            Choose(3) == 0 ? "-1" : Choose(8).ToString(System.Globalization.CultureInfo.InvariantCulture),
            Choose(3) == 0 ? WireLimits.NumberMax : Choose(12),
            Choose(3) == 0 ? WireLimits.NumberMax : Choose(12));

        private int Choose(int below) => _next < _choices.Length ? _choices[_next++] % below : 0;
    }
}
