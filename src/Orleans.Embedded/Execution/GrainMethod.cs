using System.Reflection;
using Orleans.Concurrency;

namespace Orleans.Execution;

/// <summary>One method of a grain interface, as its proxy needs to know it.</summary>
internal sealed class GrainMethod
{
    private readonly Type _grainInterface;

    public GrainMethod(Type grainInterface, MethodInfo method)
    {
        _grainInterface = grainInterface;
        Method = method;
        Parameters = Array.ConvertAll(method.GetParameters(), static p => p.ParameterType);
        IsOneWay = method.IsDefined(typeof(OneWayAttribute));
        Interleaves = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        var returned = method.ReturnType;
        if (!returned.IsGenericType)
        {
            IsAwaitable = returned == typeof(Task) || returned == typeof(ValueTask);
        }
        else if (returned.GetGenericTypeDefinition() is var open && (open == typeof(Task<>) || open == typeof(ValueTask<>)))
        {
            IsAwaitable = true;
            Result = returned.GetGenericArguments()[0];
        }
    }

    public MethodInfo Method { get; }

    public Type[] Parameters { get; }

    /// <summary>What the returned task yields; null if nothing.</summary>
    public Type? Result { get; }

    public bool IsOneWay { get; }

    public bool Interleaves { get; }

    public bool ReturnsValueTask => Method.ReturnType.IsValueType;

    /// <summary>Interface and method, for logs and errors.</summary>
    public string Name => $"{_grainInterface.Name}.{Method.Name}";

    /// <summary>What a request of this method derives from.</summary>
    public Type RequestBase =>
        IsOneWay ? typeof(OneWayRequest)
        : Result is null ? typeof(TaskRequest)
        : typeof(TaskRequest<>).MakeGenericType(Result);

    private bool IsAwaitable { get; }

    /// <summary>The methods a proxy of the interface implements.</summary>
    public static IEnumerable<GrainMethod> Of(Type grainInterface) =>
        grainInterface.GetInterfaces().Prepend(grainInterface)
            .SelectMany(static type => type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static))
            .Where(static method => method.IsAbstract)
            .Select(method => new GrainMethod(grainInterface, method));

    /// <summary>Why it can not be called as a grain's method.</summary>
    public IEnumerable<string> Problems()
    {
        if (Method.IsStatic) yield return $"{Name} is static.";
        if (Method.IsSpecialName) yield return $"{Name}: properties and events can not be called across grains.";
        if (Method.IsGenericMethodDefinition) yield return $"{Name} is generic.";
        if (!IsAwaitable) yield return $"{Name} must return Task, Task<T>, ValueTask or ValueTask<T>, not {Method.ReturnType}.";
        if (IsOneWay && Result is not null) yield return $"{Name} is one-way and can not return a result.";
        foreach (var parameter in Parameters)
        {
            if (parameter.IsByRef || parameter.IsByRefLike || parameter.IsPointer)
            {
                yield return $"{Name}: a parameter of type {parameter} can not wait in a queue.";
            }
        }
    }
}
