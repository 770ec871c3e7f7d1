namespace OrleansPbft.Core;

/// <summary>What a replica knows of its own past (rule D-5, ADR 0014).</summary>
public enum LifeStage : byte
{
    /// <summary>It takes part, and no record tells how it came to: no journal is kept, or it was begun before lives were. It vouches for nobody.</summary>
    Unrecorded = 0,

    /// <summary>It began without a memory, and must find out whether it ever spoke. Until then it is silent.</summary>
    Learner,

    /// <summary>It takes part in its first life: q - 1 peers had heard of no other.</summary>
    Original,

    /// <summary>It takes part beyond all that it could have said in a life that it lost. What else it lost it does not know, so it vouches for nobody.</summary>
    Returned,
}
