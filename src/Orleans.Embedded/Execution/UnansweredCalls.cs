namespace Orleans.Execution;

/// <summary>The calls of one activation whose callers wait, in the order they were made, linked through the calls themselves.</summary>
internal struct UnansweredCalls
{
    private ResponseRequest? _newest;

    public ResponseRequest? Oldest { get; private set; }

    public void Add(ResponseRequest call)
    {
        call.Older = _newest;
        call.Newer = null;
        if (_newest is null)
        {
            Oldest = call;
        }
        else
        {
            _newest.Newer = call;
        }

        _newest = call;
    }

    /// <summary>Removes a call; one that has already been removed stays so.</summary>
    public void Remove(ResponseRequest call)
    {
        if (call.Older is null && !ReferenceEquals(Oldest, call)) return;

        if (call.Older is null)
        {
            Oldest = call.Newer;
        }
        else
        {
            call.Older.Newer = call.Newer;
        }

        if (call.Newer is null)
        {
            _newest = call.Older;
        }
        else
        {
            call.Newer.Older = call.Older;
        }

        call.Older = null;
        call.Newer = null;
    }
}
