using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;

namespace Orleans.Execution;

/// <summary>A grain class, and what its attributes say.</summary>
internal sealed class GrainClass
{
    private readonly ObjectFactory _construct;

    public GrainClass(Type type, IReadOnlyList<Type> interfaces)
    {
        Type = type;
        Interfaces = interfaces;
        Name = NameOf(type);
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute), inherit: true);
        IsKeptAlive = type.IsDefined(typeof(KeepAliveAttribute), inherit: true);
        _construct = ActivatorUtilities.CreateFactory(type, Type.EmptyTypes);
    }

    public Type Type { get; }

    /// <summary>The grain interfaces it implements; at least one.</summary>
    public IReadOnlyList<Type> Interfaces { get; }

    /// <summary>The class name in lower case, without "Grain" at its end, as Orleans names grain types.</summary>
    public string Name { get; }

    public bool IsReentrant { get; }

    public bool IsKeptAlive { get; }

    public IGrainBase Construct(IServiceProvider services) => (IGrainBase)_construct(services, arguments: null);

    private static string NameOf(MemberInfo type)
    {
        const string Suffix = "Grain";
        var name = type.Name;
        if (name.EndsWith(Suffix, StringComparison.Ordinal) && name.Length > Suffix.Length) name = name[..^Suffix.Length];
        return name.ToLowerInvariant();
    }
}
