namespace OrleansPbft.Core;

/// <summary>What became of a chunk that a donor sent.</summary>
public enum ChunkOutcome
{
    /// <summary>It is what was wanted, verified, and taken.</summary>
    Accepted,

    /// <summary>It is not what its digest says: no correct donor sends it. The chunk is wanted again, from another.</summary>
    Bad,

    /// <summary>It is not wanted, or not any more. Nothing is known about it, nor about who sent it.</summary>
    NotWanted,
}
