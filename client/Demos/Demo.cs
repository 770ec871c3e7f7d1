namespace OrleansPbft.ClientConsole.Demos;

/// <summary>One guided scenario: says what it will do, does it, shows what was observed, and checks it.</summary>
internal abstract class Demo
{
    /// <summary>As it is called on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>What happens in it, in one line.</summary>
    public abstract string Summary { get; }

    /// <summary>What it teaches, in one sentence.</summary>
    public abstract string Point { get; }
}
