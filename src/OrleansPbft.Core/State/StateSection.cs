namespace OrleansPbft.Core;

/// <summary>The part of the state that a chunk belongs to. The values are on the wire.</summary>
public enum StateSection : byte
{
    /// <summary>Agreed time, and header and root of both trees: one chunk, the first of every transfer.</summary>
    Header = 0,

    /// <summary>The service's tree.</summary>
    Service = 1,

    /// <summary>The sessions' tree.</summary>
    Sessions = 2,
}
