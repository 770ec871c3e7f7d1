namespace Orleans.Execution;

/// <summary>Which activation's turn runs on this thread.</summary>
internal static class TurnContext
{
    [ThreadStatic]
    private static Activation? _current;

    public static Activation? Current
    {
        get => _current;
        set => _current = value;
    }
}
