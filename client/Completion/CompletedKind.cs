namespace OrleansPbft.ClientConsole.Completion;

/// <summary>What is to be typed at a place.</summary>
internal enum CompletedKind
{
    /// <summary>Something that nobody can know.</summary>
    Anything,

    /// <summary>One of some words, or another.</summary>
    Word,

    /// <summary>A file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,
}
