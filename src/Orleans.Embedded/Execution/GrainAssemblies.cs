using System.Reflection;

namespace Orleans.Execution;

/// <summary>Finds the assemblies that may hold grains: those of the process, loaded or referenced, that reference this one.</summary>
internal static class GrainAssemblies
{
    private static readonly string[] Foreign = ["System", "Microsoft", "mscorlib", "netstandard", "WindowsBase", "xunit"];

    public static IEnumerable<Assembly> Find()
    {
        var own = typeof(GrainAssemblies).Assembly.GetName().Name;
        var seen = new Dictionary<string, Assembly?>(StringComparer.Ordinal);
        var open = new Queue<Assembly>();
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies()) Visit(assembly);
        if (Assembly.GetEntryAssembly() is { } entry) Visit(entry);

        while (open.TryDequeue(out var assembly))
        {
            var usesGrains = false;
            foreach (var reference in assembly.GetReferencedAssemblies())
            {
                usesGrains |= reference.Name == own;
                if (reference.Name is { } name && !IsForeign(name) && !seen.ContainsKey(name) && TryLoad(reference) is { } loaded)
                {
                    Visit(loaded);
                }
            }

            if (usesGrains) yield return assembly;
        }

        void Visit(Assembly assembly)
        {
            if (!assembly.IsDynamic && assembly.GetName().Name is { } name && !IsForeign(name) && seen.TryAdd(name, assembly))
            {
                open.Enqueue(assembly);
            }
        }
    }

    private static bool IsForeign(string name) =>
        Array.Exists(Foreign, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    private static Assembly? TryLoad(AssemblyName reference)
    {
        try
        {
            return Assembly.Load(reference);
        }
        catch (FileNotFoundException)
        {
            return null; // referenced at build, not shipped: it can not hold a grain of this process
        }
    }
}
