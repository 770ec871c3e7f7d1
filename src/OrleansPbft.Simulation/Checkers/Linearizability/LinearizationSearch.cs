namespace OrleansPbft.Simulation.Checkers.Linearizability;

/// <summary>Looks for one order of calls that explains every result and contradicts no real time (Wing and Gong 1993, with Lowe's memory of what was tried).</summary>
/// <remarks>A call may come next when no other that is still to be taken returned before it was invoked. A call that the current state explains and that does
/// not change it is taken at once: every order in which it comes later is as good with it here. What is left to choose from are calls
/// that change the state; those are tried in the order of their hints, and of those that were told their version only the lowest can come next. A pair of
/// (calls taken, state) that led nowhere is not tried again.</remarks>
internal sealed class LinearizationSearch
{
    private readonly ClientCall[] _calls; // as invoked
    private readonly bool[] _taken;
    private readonly ulong[] _takenBits;
    private readonly HashSet<Configuration> _tried = [];
    private readonly int[] _byVersion; // the calls that were told a version, lowest first
    private readonly int[] _rank; // of each call among those
    private readonly StoreState _beginning;
    private readonly long _stepsMax;
    private long _steps;
    private int _first; // no call before this is left
    private int _lowest; // where the lowest version stands that is still to be taken
    private int _completeLeft;
    private int _takenCount;

    private LinearizationSearch(IEnumerable<ClientCall> calls, bool isWhole, long stepsMax)
    {
        _beginning = StoreState.Empty(isWhole);
        _calls = [.. calls.OrderBy(static call => call.Invoked)];
        _byVersion = [.. Enumerable.Range(0, _calls.Length).Where(i => _calls[i].Hint.Version < long.MaxValue).OrderBy(i => _calls[i].Hint.Version)];
        _rank = new int[_calls.Length];
        for (var i = 0; i < _byVersion.Length; i++) _rank[_byVersion[i]] = i;
        _taken = new bool[_calls.Length];
        _takenBits = new ulong[(_calls.Length + 63) / 64];
        _completeLeft = _calls.Count(static call => call.IsComplete);
        _stepsMax = stepsMax;
    }

    /// <summary>Whether some order explains the calls.</summary>
    /// <param name="calls">All calls on some keys, on which no other call works.</param>
    /// <param name="isWhole">Whether those are all keys that anybody works on.</param>
    /// <param name="stepsMax">How many calls may be tried.</param>
    public static LinearizationResult Run(IReadOnlyCollection<ClientCall> calls, bool isWhole, long stepsMax)
    {
        // An explanation that does without the open calls that nobody has a place for is one. Only when there is none do they all come in.
        var likely = new LinearizationSearch(calls.Where(static call => call.IsComplete || call.Hint.Place < long.MaxValue), isWhole, stepsMax / 4).Run();
        return likely.Verdict == LinearizationVerdict.Linearizable ? likely : new LinearizationSearch(calls, isWhole, stepsMax).Run();
    }

    private LinearizationResult Run()
    {
        var levels = new Stack<Level>();
        levels.Push(Enter(_beginning, [], place: 0));
        var longest = -1;
        ClientCall? stuck = null;
        while (levels.TryPeek(out var level))
        {
            if (_completeLeft == 0) return new(LinearizationVerdict.Linearizable, _takenCount, null);
            if (_steps > _stepsMax) return new(LinearizationVerdict.GaveUp, longest, stuck);
            if (_takenCount > longest)
            {
                longest = _takenCount;
                stuck = _calls.Where((call, i) => !_taken[i]).MinBy(static call => call.Returned);
            }

            if (level.Choices.TryDequeue(out var choice, out _))
            {
                Take(choice.Index);
                levels.Push(Enter(choice.State, [choice.Index], Math.Max(level.Place, PlaceOf(choice.Index))));
                continue;
            }

            foreach (var index in level.TakenHere) GiveBack(index);
            levels.Pop();
        }

        return new(LinearizationVerdict.Impossible, longest, stuck);
    }

    /// <summary>Takes what needs no choice, and finds out what there is to choose from.</summary>
    private Level Enter(StoreState state, List<int> takenHere, long place)
    {
        var level = new Level(takenHere, place);
        var next = new List<(int Index, StoreState State)>();
        bool tookOne;
        do
        {
            tookOne = false;
            next.Clear();
            var minReturned = long.MaxValue;
            for (var i = _first; i < _calls.Length && _calls[i].Invoked <= minReturned; i++)
            {
                if (_taken[i]) continue;
                minReturned = Math.Min(minReturned, _calls[i].Returned);
                var states = StatesAfter(_calls[i], state);
                if (_calls[i].IsComplete && states.Exists(state.Equals))
                {
                    Take(i);
                    takenHere.Add(i);
                    tookOne = true;
                    continue;
                }

                if (_calls[i].Hint.Version < long.MaxValue && i != _byVersion[_lowest]) continue;
                foreach (var after in states)
                {
                    if (!after.Equals(state)) next.Add((i, after));
                }
            }
        }
        while (tookOne);

        if (next.Count > 1 && !_tried.Add(new([.. _takenBits], state))) return level;
        for (var i = 0; i < next.Count; i++)
        {
            // An open call that changed nothing at its place was passed by there; it is not what is likely now.
            var hint = _calls[next[i].Index].Hint;
            level.Choices.Enqueue(next[i], (hint.Place < place ? long.MaxValue : hint.Place, hint.Version, i));
        }

        return level;
    }

    private long PlaceOf(int index) => _calls[index].Hint.Place is var place and < long.MaxValue ? place : 0;

    private List<StoreState> StatesAfter(ClientCall call, StoreState state)
    {
        _steps++;
        var states = new List<StoreState> { state };
        for (var i = 0; i < call.Operations.Count && states.Count > 0; i++)
        {
            var next = new List<StoreState>();
            foreach (var before in states) before.Step(call.Operations[i], call.Results?[i], next);
            states = next;
        }

        return states;
    }

    private void Take(int index)
    {
        _taken[index] = true;
        _takenBits[index / 64] |= 1UL << (index % 64);
        _takenCount++;
        if (_calls[index].IsComplete) _completeLeft--;
        while (_first < _taken.Length && _taken[_first]) _first++;
        while (_lowest < _byVersion.Length && _taken[_byVersion[_lowest]]) _lowest++;
    }

    private void GiveBack(int index)
    {
        _taken[index] = false;
        _takenBits[index / 64] &= ~(1UL << (index % 64));
        _takenCount--;
        if (_calls[index].IsComplete) _completeLeft++;
        _first = Math.Min(_first, index);
        if (_calls[index].Hint.Version < long.MaxValue) _lowest = Math.Min(_lowest, _rank[index]);
    }

    private sealed class Level(List<int> takenHere, long place)
    {
        /// <summary>The latest place of those taken so far.</summary>
        public long Place => place;

        public List<int> TakenHere => takenHere;

        public PriorityQueue<(int Index, StoreState State), (long Place, long Version, int Order)> Choices { get; } = new();
    }

    private readonly struct Configuration(ulong[] taken, StoreState state) : IEquatable<Configuration>
    {
        private readonly ulong[] _taken = taken;
        private readonly StoreState _state = state;

        public bool Equals(Configuration other) => _state.Equals(other._state) && _taken.AsSpan().SequenceEqual(other._taken);

        public override bool Equals(object? obj) => obj is Configuration other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(_state);
            foreach (var word in _taken) hash.Add(word);
            return hash.ToHashCode();
        }
    }
}
