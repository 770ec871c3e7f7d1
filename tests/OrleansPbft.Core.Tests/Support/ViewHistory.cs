using System.Collections.Immutable;

namespace OrleansPbft.Core.Tests;

/// <summary>What n replicas can have prepared and committed through several views, f of them liars: PBFT without messages, drawn from a seed.</summary>
/// <remarks>A model of the protocol's rules, written apart from the replica: it only lets a correct replica prepare what q - 1 others may have
/// prepared with it. Where a decision loses what committed, <see cref="Run"/> fails the test.</remarks>
internal sealed class ViewHistory
{
    private const int K = 2;
    private const int Window = 4;

    private readonly Random _random;
    private readonly ClusterSize _cluster;
    private readonly int _correct;
    private readonly Member[] _members;
    private readonly Dictionary<long, Digest> _committed = [];
    private readonly bool _isHarsh;

    public ViewHistory(int seed)
    {
        _random = new(seed);
        _cluster = new(new[] { 4, 5, 6, 7, 10 }[seed % 5]);
        _correct = _cluster.Replicas - _cluster.MaxFaulty;
        _isHarsh = _random.Next(2) == 0;
        _members = [.. Enumerable.Range(0, _correct).Select(static _ => new Member())];
    }

    /// <summary>Digests that committed, checked against each later decision.</summary>
    public int Carried { get; private set; }

    /// <summary>Decisions with a base above zero.</summary>
    public int Bases { get; private set; }

    /// <summary>Sets that left something open.</summary>
    public int Waits { get; private set; }

    /// <summary>How often the correct replicas had to show each other the base of a NEW-VIEW that not all of them had.</summary>
    public int Shown { get; private set; }

    private int Liars => _cluster.MaxFaulty;

    public ViewHistory Run(int views)
    {
        // The numbers of the correct replicas are 0 ... n - f - 1; a view's primary may be a liar, whatever its number.
        for (var view = 0L; view < views; view++)
        {
            var isLiar = _random.Next(2) == 0;
            var decisions = view == 0 ? [null] : Decide(view, isLiar ? 2 : 1);
            if (decisions.Count == 0) continue; // nobody could begin this view
            var entering = new ViewChangeDecision?[_correct];
            var enters = new bool[_correct];
            for (var i = 0; i < _correct; i++)
            {
                entering[i] = decisions[_random.Next(decisions.Count)];
                enters[i] = Chance();
                if (enters[i] && entering[i] is { } decision) _members[i].MoveTo(decision.Base);
            }

            for (var n = 1L; n <= _members.Max(static m => m.Stable) + Window; n++) Order(view, n, entering, enters, isLiar);
            TakeCheckpoints();
        }

        return this;
    }

    private bool Chance() => _random.Next(10) < (_isHarsh ? 6 : 9);

    private List<ViewChangeDecision?> Decide(long view, int most)
    {
        var correct = _members.Select((m, i) => m.Describe(view, i)).ToArray();
        if (ViewChangeDecision.Decide(_cluster, Window, correct) is null)
        {
            // One lying primary has shown one correct replica a base that only f liars and that one hold: it shows the others the proof.
            var highest = Claims.Held(_members.Max(static m => m.Stable));
            foreach (var member in _members) member.MoveTo(highest);
            correct = [.. _members.Select((m, i) => m.Describe(view, i))];
            Shown++;
        }

        Assert.NotNull(ViewChangeDecision.Decide(_cluster, Window, correct)); // liveness: the correct ones are enough
        var decisions = new List<ViewChangeDecision?>();
        for (var i = 0; i < most; i++)
        {
            ViewChange[] all = [.. correct, .. Enumerable.Range(_correct, Liars).Select(j => Lie(view, j))];
            Assert.NotNull(ViewChangeDecision.Decide(_cluster, Window, all)); // whatever the others say
            _random.Shuffle(all);
            var set = all[.._random.Next(_cluster.Quorum, all.Length + 1)];
            var decision = ViewChangeDecision.Decide(_cluster, Window, set);
            _random.Shuffle(set);
            Assert.Equal(decision, ViewChangeDecision.Decide(_cluster, Window, set));
            if (decision is null) Waits++;
            else Check(decision);
            if (decision is not null) decisions.Add(decision);
        }

        return decisions;
    }

    private void Check(ViewChangeDecision decision)
    {
        Assert.Equal(Claims.Held(decision.Base.Sequence.Value), decision.Base);
        if (decision.Base.Sequence > SequenceNumber.Zero) Bases++;
        Assert.True(decision.Choices.Length <= Window);
        foreach (var (n, digest) in _committed)
        {
            var sequence = new SequenceNumber(n);
            if (sequence <= decision.Base.Sequence) continue;
            Assert.True(sequence <= decision.Last, $"{sequence} committed and was not chosen: {decision}");
            Assert.Equal(digest, decision.ChoiceAt(sequence));
            Carried++;
        }
    }

    /// <summary>One sequence number in one view: who pre-prepares what, who prepares, who commits.</summary>
    private void Order(long view, long n, ViewChangeDecision?[] entering, bool[] enters, bool isLiar)
    {
        var proposals = new[] { Claims.D($"{view}.{n}"), Claims.D($"{view}.{n} other") };
        var accepted = new Digest?[_correct];
        for (var i = 0; i < _correct; i++)
        {
            var member = _members[i];
            if (!enters[i] || n <= member.Stable || n > member.Stable + Window || !Chance()) continue;
            accepted[i] = entering[i] switch
            {
                { } decision when n <= decision.Base.Sequence.Value => null,
                { } decision when n <= decision.Last.Value => decision.ChoiceAt(new(n)),
                _ => proposals[isLiar ? _random.Next(2) : 0],
            };
            if (accepted[i] is { } digest) member.PrePrepare(n, digest, view);
        }

        foreach (var digest in accepted.OfType<Digest>().Distinct().ToArray())
        {
            if (accepted.Count(d => d == digest) + Liars < _cluster.Quorum) continue;
            var prepared = 0;
            for (var i = 0; i < _correct; i++)
            {
                if (accepted[i] != digest || !Chance()) continue;
                _members[i].Prepare(n, digest, view);
                prepared++;
            }

            if (prepared + Liars < _cluster.Quorum || _random.Next(5) == 0) continue;
            Assert.True(_committed.TryAdd(n, digest) || _committed[n] == digest, $"n{n} committed twice, differently");
            foreach (var member in _members.Where(_ => Chance())) member.Committed.Add(n);
        }
    }

    private void TakeCheckpoints()
    {
        foreach (var member in _members) member.Execute();
        var highest = _members.Max(static m => m.Executed);
        for (var n = (long)K; n <= highest; n += K)
        {
            if (_members.Count(m => m.Executed >= n) + Liars < _cluster.Quorum) continue;
            foreach (var member in _members.Where(m => m.Executed >= n && Chance())) member.MoveTo(Claims.Held(n));
        }
    }

    /// <summary>What a liar says: anything that its receivers take for valid, most of it close to the truth.</summary>
    private ViewChange Lie(long view, int sender)
    {
        var stable = _random.Next(3) * K;
        var entries = new List<LogEntry>();
        var proposed = new List<LogEntry>();
        for (var n = stable + 1; n <= stable + Window; n++)
        {
            if (_random.Next(2) == 0) entries.Add(Entry(n));
            if (_random.Next(2) == 0) proposed.Add(Entry(n));
        }

        return new(
            new(view),
            new(stable),
            [_random.Next(2) == 0 || stable == 0 ? Claims.Held(stable) : new(new(stable), Claims.D("lie")), new(new(stable + K), Claims.D("lie"))],
            [.. entries],
            [.. proposed],
            new(sender));

        LogEntry Entry(int n)
        {
            var v = _random.NextInt64(view);
            var known = _members[_random.Next(_correct)].Anything(n);
            return new(new(n), _random.Next(3) switch { 0 => Claims.D("lie"), 1 => BatchEncoding.Null.Digest, _ => known ?? Claims.D($"{v}.{n}") }, new(v));
        }
    }

    private sealed class Member
    {
        private readonly SortedDictionary<long, LogEntry> _prepared = [];
        private readonly SortedDictionary<long, Dictionary<Digest, long>> _proposed = [];

        public HashSet<long> Committed { get; } = [];

        public long Stable { get; private set; }

        public long Executed { get; private set; }

        public void PrePrepare(long n, Digest digest, long view)
        {
            if (!_proposed.TryGetValue(n, out var here)) _proposed[n] = here = [];
            here[digest] = view;
        }

        public void Prepare(long n, Digest digest, long view) => _prepared[n] = new(new(n), digest, new(view));

        public Digest? Anything(long n) => _proposed.TryGetValue(n, out var here) ? here.Keys.First() : null;

        public void Execute()
        {
            while (Committed.Contains(Executed + 1)) Executed++;
        }

        public void MoveTo(HeldCheckpoint checkpoint)
        {
            if (checkpoint.Sequence.Value <= Stable) return;
            Stable = checkpoint.Sequence.Value;
            Executed = Math.Max(Executed, Stable);
            foreach (var n in _prepared.Keys.Where(n => n <= Stable).ToArray()) _prepared.Remove(n);
            foreach (var n in _proposed.Keys.Where(n => n <= Stable).ToArray()) _proposed.Remove(n);
        }

        public ViewChange Describe(long view, int sender)
        {
            var checkpoints = ImmutableArray.CreateBuilder<HeldCheckpoint>();
            for (var n = Stable; n <= Executed; n += K) checkpoints.Add(Claims.Held(n));
            return new(
                new(view),
                new(Stable),
                checkpoints.ToImmutable(),
                [.. _prepared.Values],
                [.. _proposed.SelectMany(static at => at.Value.Select(one => new LogEntry(new(at.Key), one.Key, new(one.Value))).OrderBy(static e => e.Digest))],
                new(sender));
        }
    }
}
