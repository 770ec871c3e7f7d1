using System.Reflection;
using Orleans.Runtime;

namespace Orleans.Execution;

/// <summary>The grain classes of the process, found once when a silo is made, by the interfaces they implement.</summary>
internal sealed class GrainClasses
{
    private readonly Dictionary<Type, List<GrainClass>> _byInterface = [];

    private GrainClasses(IEnumerable<Type> grainTypes)
    {
        foreach (var type in grainTypes)
        {
            var interfaces = type.GetInterfaces().Where(IsGrainInterface).ToArray();
            if (interfaces.Length == 0) continue;

            var grainClass = new GrainClass(type, interfaces);
            foreach (var grainInterface in interfaces)
            {
                if (!_byInterface.TryGetValue(grainInterface, out var classes)) _byInterface.Add(grainInterface, classes = []);
                classes.Add(grainClass);
            }
        }
    }

    /// <summary>Looks through the assemblies of the process that use grains, and emits the proxies of all their interfaces.</summary>
    /// <exception cref="OrleansConfigurationException">Some grain interface can not be called; all problems are listed.</exception>
    public static GrainClasses Discover()
    {
        var classes = new GrainClasses(GrainAssemblies.Find().SelectMany(TypesOf).Where(IsGrainClass));
        var problems = classes._byInterface.Keys.SelectMany(ProxyEmitter.ProblemsOf).ToArray();
        if (problems.Length > 0)
        {
            throw new OrleansConfigurationException("Grain interfaces can not be called:\n" + string.Join('\n', problems));
        }

        foreach (var grainInterface in classes._byInterface.Keys) ProxyEmitter.ProxyOf(grainInterface);
        return classes;
    }

    /// <summary>The class that implements an interface.</summary>
    /// <exception cref="ArgumentException">None does, or more than one.</exception>
    public GrainClass Resolve(Type grainInterface, string? classNamePrefix)
    {
        if (!_byInterface.TryGetValue(grainInterface, out var classes))
        {
            throw new ArgumentException($"No grain class implements {grainInterface}.", nameof(grainInterface));
        }

        if (classes.Count == 1 && classNamePrefix is null) return classes[0];

        var matches = classes
            .Where(c => classNamePrefix is null || c.Type.FullName!.StartsWith(classNamePrefix, StringComparison.Ordinal))
            .ToArray();
        return matches.Length == 1
            ? matches[0]
            : throw new ArgumentException(
                $"{matches.Length} grain classes implement {grainInterface} with the class name prefix '{classNamePrefix}': "
                + string.Join(", ", matches.Select(c => c.Type.FullName)) + ".",
                nameof(grainInterface));
    }

    /// <summary>A reference to a grain through one of its interfaces.</summary>
    /// <exception cref="InvalidCastException">The grain's class does not implement it.</exception>
    public static GrainReference Cast(Silo silo, GrainId grainId, Type grainInterface)
    {
        if (!grainId.Class!.Interfaces.Contains(grainInterface))
        {
            throw new InvalidCastException($"{grainId.Class.Type} does not implement the grain interface {grainInterface}.");
        }

        return ProxyEmitter.ProxyOf(grainInterface)(silo, grainId);
    }

    private static bool IsGrainClass(Type type) =>
        type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false } && typeof(IGrainBase).IsAssignableFrom(type);

    private static bool IsGrainInterface(Type type) =>
        typeof(IGrain).IsAssignableFrom(type) && type.Assembly != typeof(IGrain).Assembly;

    private static Type[] TypesOf(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException exception)
        {
            var reasons = exception.LoaderExceptions.Select(static e => e?.Message).Distinct();
            throw new OrleansConfigurationException(
                $"The types of {assembly} can not be loaded:\n{string.Join('\n', reasons)}", exception);
        }
    }
}
