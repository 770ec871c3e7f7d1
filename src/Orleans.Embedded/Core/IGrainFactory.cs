namespace Orleans;

/// <summary>Gives references to grains. A reference is cheap and never activates anything; the first call does.</summary>
public interface IGrainFactory
{
    /// <summary>A reference to the grain with this key.</summary>
    /// <param name="primaryKey">The grain's number.</param>
    /// <param name="grainClassNamePrefix">Start of the full class name, where several classes implement the interface.</param>
    /// <typeparam name="TGrainInterface">The interface to call the grain through.</typeparam>
    /// <exception cref="ArgumentException">No class, or more than one, implements the interface.</exception>
    TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey;

    /// <summary>A reference to the grain with this key.</summary>
    /// <param name="primaryKey">The grain's name; not empty.</param>
    /// <param name="grainClassNamePrefix">Start of the full class name, where several classes implement the interface.</param>
    /// <typeparam name="TGrainInterface">The interface to call the grain through.</typeparam>
    /// <exception cref="ArgumentException">The key is empty, or no class, or more than one, implements the interface.</exception>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey;
}
