namespace OrleansPbft.Simulation.Checkers.Linearizability;

/// <summary>Looks for one order of calls that explains every result and contradicts no real time (Wing and Gong 1993, with Lowe's memory of what was tried).</summary>
/// <remarks>A call may come next when no other that is still to be taken returned before it was invoked. A call that the current state explains and that does
/// not change it is taken at once: every order in which it comes later is as good with it here. What is left to choose from are calls
/// that change the state; those are tried in the order of their hints. A pair of (calls taken, state) that led nowhere is not tried again.</remarks>
internal sealed class LinearizationSearch
{
    private readonly ClientCall[] _calls; // as invoked
    private readonly bool[] _taken;
    private readonly ulong[] _takenBits;
    private readonly HashSet<Configuration> _tried = [];
    private readonly long _stepsMax;
    private long _steps;
    private int _first; // no call before this is left
    private int _completeLeft;
    private int _takenCount;

    private LinearizationSearch(IEnumerable<ClientCall> calls, long stepsMax)
    {
        _calls = [.. calls.OrderBy(static call => call.Invoked)];
        _taken = new bool[_calls.Length];
        _takenBits = new ulong[(_calls.Length + 63) / 64];
        _completeLeft = _calls.Count(static call => call.IsComplete);
        _stepsMax = stepsMax;
    }

    /// <summary>Whether some order explains the calls.</summary>
    /// <param name="calls">All calls on some keys, on which no other call works.</param>
    /// <param name="stepsMax">How many calls may be tried.</param>
    public static LinearizationResult Run(IEnumerable<ClientCall> calls, long stepsMax) => new LinearizationSearch(calls, stepsMax).Run();

    private LinearizationResult Run()
    {
        var levels = new Stack<Level>();
        levels.Push(Enter(StoreState.Empty, []));
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
                levels.Push(Enter(choice.State, [choice.Index]));
                continue;
            }

            foreach (var index in level.TakenHere) GiveBack(index);
            levels.Pop();
        }

        return new(LinearizationVerdict.Impossible, longest, stuck);
    }

    /// <summary>Takes what needs no choice, and finds out what there is to choose from.</summary>
    private Level Enter(StoreState state, List<int> takenHere)
    {
        var level = new Level(takenHere);
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

                foreach (var after in states)
                {
                    if (!after.Equals(state)) next.Add((i, after));
                }
            }
        }
        while (tookOne);

        if (next.Count > 1 && !_tried.Add(new([.. _takenBits], state))) return level;
        foreach (var choice in next) level.Choices.Enqueue(choice, (_calls[choice.Index].Hint, choice.Index));
        return level;
    }

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
    }

    private void GiveBack(int index)
    {
        _taken[index] = false;
        _takenBits[index / 64] &= ~(1UL << (index % 64));
        _takenCount--;
        if (_calls[index].IsComplete) _completeLeft++;
        _first = Math.Min(_first, index);
    }

    private sealed class Level(List<int> takenHere)
    {
        public List<int> TakenHere => takenHere;

        public PriorityQueue<(int Index, StoreState State), ((long Place, long Version) Hint, int Index)> Choices { get; } = new();
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
