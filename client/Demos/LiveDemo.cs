namespace OrleansPbft.ClientConsole.Demos;

/// <summary>A scenario on a running cluster.</summary>
internal abstract class LiveDemo : Demo
{
    /// <summary>Whether it makes replicas faulty, which the silo must allow.</summary>
    public virtual bool BreaksReplicas => true;

    /// <summary>Plays it. What it breaks through the stage is healed by whoever calls this, however it ends.</summary>
    public abstract Task PlayAsync(Stage stage, CancellationToken cancellationToken);
}
