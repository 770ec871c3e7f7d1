using Orleans.Runtime;

namespace Orleans;

/// <summary>What can be asked of a grain or a reference to one.</summary>
public static class GrainExtensions
{
    /// <summary>A reference to the same grain, for passing it to others. A grain never passes <c>this</c>.</summary>
    /// <param name="grain">A grain or a reference.</param>
    /// <typeparam name="TGrainInterface">The interface to call the grain through.</typeparam>
    /// <exception cref="ArgumentException"><paramref name="grain"/> is neither a grain nor a reference.</exception>
    /// <exception cref="InvalidCastException">The grain's class does not implement the interface.</exception>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        return grain switch
        {
            GrainReference and TGrainInterface reference => reference,
            GrainReference reference => (TGrainInterface)(object)reference.Cast(typeof(TGrainInterface)),
            IGrainBase { GrainContext: { } context } => (TGrainInterface)(object)context.GrainReference.Cast(typeof(TGrainInterface)),
            _ => throw NotAGrain(grain),
        };
    }

    /// <inheritdoc cref="AsReference{TGrainInterface}(IAddressable)"/>
    public static TGrainInterface Cast<TGrainInterface>(this IAddressable grain) => grain.AsReference<TGrainInterface>();

    /// <summary>The grain's identity.</summary>
    /// <param name="grain">A grain or a reference.</param>
    /// <exception cref="ArgumentException"><paramref name="grain"/> is neither a grain nor a reference.</exception>
    public static GrainId GetGrainId(this IAddressable grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        return grain switch
        {
            GrainReference reference => reference.GrainId,
            IGrainBase { GrainContext: { } context } => context.GrainId,
            _ => throw NotAGrain(grain),
        };
    }

    /// <summary>The number that names the grain.</summary>
    /// <param name="grain">A grain or a reference.</param>
    /// <exception cref="InvalidOperationException">The grain is named by a text.</exception>
    public static long GetPrimaryKeyLong(this IAddressable grain) => grain.GetGrainId().IntegerKey;

    /// <summary>The text that names the grain; a number in hexadecimal.</summary>
    /// <param name="grain">A grain or a reference.</param>
    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().StringKey;

    private static ArgumentException NotAGrain(IAddressable grain) =>
        new($"{grain.GetType()} is neither a grain constructed by the runtime nor a reference to one.", nameof(grain));
}
