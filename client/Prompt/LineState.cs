namespace OrleansPbft.ClientConsole.Prompt;

/// <summary>What became of a key that was pressed.</summary>
internal enum LineState
{
    /// <summary>The line is being edited.</summary>
    Editing,

    /// <summary>The line is complete.</summary>
    Complete,

    /// <summary>The line was given up.</summary>
    Abandoned,

    /// <summary>There will be no more lines.</summary>
    End,
}
