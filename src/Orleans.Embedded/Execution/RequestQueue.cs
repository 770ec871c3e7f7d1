namespace Orleans.Execution;

/// <summary>First in, first out, linked through the requests themselves: queueing one allocates nothing.</summary>
internal struct RequestQueue
{
    private GrainRequest? _last;

    public GrainRequest? First { get; private set; }

    public void Enqueue(GrainRequest request)
    {
        request.Next = null;
        if (_last is null)
        {
            First = request;
        }
        else
        {
            _last.Next = request;
        }

        _last = request;
    }

    public GrainRequest? Dequeue()
    {
        var request = First;
        if (request is null) return null;

        First = request.Next;
        if (First is null) _last = null;
        request.Next = null;
        return request;
    }
}
