namespace OrleansPbft.ClientConsole.Demos;

/// <summary>What one replica's answer was worth.</summary>
internal enum Verdict
{
    /// <summary>It did not answer.</summary>
    None = 0,

    /// <summary>It answered, and nothing was accepted.</summary>
    Unsettled,

    /// <summary>It said what was accepted.</summary>
    Equal,

    /// <summary>It said something else.</summary>
    Different,
}
