using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Orleans.Runtime;

namespace Orleans.Execution;

/// <summary>Emits, once per grain interface, the proxy that implements it and a request class for each of its methods.</summary>
/// <remarks>
/// For <c>Task Deliver(Envelope envelope)</c> of <c>IReplicaGrain</c> it emits what one would write by hand:
/// a class <c>Deliver : TaskRequest</c> with a field for the envelope whose <c>Begin(grain)</c> is
/// <c>((IReplicaGrain)grain).Deliver(envelope)</c>, and a proxy whose <c>Deliver</c> fills in and sends one. A call reflects on nothing.
/// </remarks>
internal static class ProxyEmitter
{
    private const MethodAttributes Override = MethodAttributes.Public | MethodAttributes.HideBySig | MethodAttributes.Virtual;

    private const MethodAttributes Implementation =
        MethodAttributes.Private | MethodAttributes.HideBySig | MethodAttributes.Virtual | MethodAttributes.NewSlot | MethodAttributes.Final;

    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly ConcurrentDictionary<Type, Func<Silo, GrainId, GrainReference>> Proxies = new();

    private static readonly Func<Type, Func<Silo, GrainId, GrainReference>> EmitNew = Emit;

    /// <summary>Makes references through an interface whose <see cref="ProblemsOf"/> are none.</summary>
    public static Func<Silo, GrainId, GrainReference> ProxyOf(Type grainInterface) => Proxies.GetOrAdd(grainInterface, EmitNew);

    /// <summary>Why an interface can not be called as a grain's.</summary>
    public static IEnumerable<string> ProblemsOf(Type grainInterface) =>
        GrainMethod.Of(grainInterface).SelectMany(static method => method.Problems());

    private static Func<Silo, GrainId, GrainReference> Emit(Type grainInterface)
    {
        var methods = GrainMethod.Of(grainInterface).ToArray();
        var module = DefineModule(grainInterface, methods);
        var proxy = module.DefineType(
            "Proxy", TypeAttributes.Public | TypeAttributes.Sealed, typeof(GrainReference), [grainInterface]);
        var constructor = EmitConstructor(proxy);
        EmitCreate(proxy, constructor);
        for (var i = 0; i < methods.Length; i++)
        {
            var request = EmitRequest(module, methods[i], $"{methods[i].Method.Name}{i}");
            EmitCall(proxy, methods[i], request);
        }

        return proxy.CreateType().GetMethod("Create")!.CreateDelegate<Func<Silo, GrainId, GrainReference>>();
    }

    private static ModuleBuilder DefineModule(Type grainInterface, GrainMethod[] methods)
    {
        // An assembly for each interface: what it may access is settled before any of its code runs.
        var name = $"Orleans.Embedded.Proxies.{grainInterface.FullName}";
        var assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName { Name = name }, AssemblyBuilderAccess.Run);
        var constructor = typeof(IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!;
        var accessed = methods
            .SelectMany(static method => method.Parameters.Append(method.Method.ReturnType).Append(method.Method.DeclaringType!))
            .Append(grainInterface)
            .Append(typeof(GrainReference))
            .SelectMany(WithTypeArguments)
            .Select(static type => type.Assembly.GetName().Name!)
            .Distinct();
        foreach (var assemblyName in accessed)
        {
            assembly.SetCustomAttribute(new CustomAttributeBuilder(constructor, [assemblyName]));
        }

        return assembly.DefineDynamicModule(name);
    }

    private static IEnumerable<Type> WithTypeArguments(Type type) =>
        type.HasElementType ? WithTypeArguments(type.GetElementType()!) : type.GetGenericArguments().SelectMany(WithTypeArguments).Append(type);

    private static ConstructorBuilder EmitConstructor(TypeBuilder proxy)
    {
        Type[] parameters = [typeof(Silo), typeof(GrainId)];
        var constructor = proxy.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, parameters);
        var il = constructor.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Call, typeof(GrainReference).GetConstructor(Declared, parameters)!);
        il.Emit(OpCodes.Ret);
        return constructor;
    }

    private static void EmitCreate(TypeBuilder proxy, ConstructorBuilder constructor)
    {
        var create = proxy.DefineMethod(
            "Create", MethodAttributes.Public | MethodAttributes.Static, typeof(GrainReference), [typeof(Silo), typeof(GrainId)]);
        var il = create.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Newobj, constructor);
        il.Emit(OpCodes.Ret);
    }

    private static Request EmitRequest(ModuleBuilder module, GrainMethod method, string name)
    {
        var type = module.DefineType(name, TypeAttributes.Public | TypeAttributes.Sealed, method.RequestBase);
        var constructor = type.DefineDefaultConstructor(MethodAttributes.Public);
        var fields = new FieldBuilder[method.Parameters.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            fields[i] = type.DefineField($"Argument{i}", method.Parameters[i], FieldAttributes.Public);
        }

        var getName = type.DefineMethod("get_Name", Override, typeof(string), Type.EmptyTypes).GetILGenerator();
        getName.Emit(OpCodes.Ldstr, method.Name);
        getName.Emit(OpCodes.Ret);

        if (method.Interleaves)
        {
            var interleaves = type.DefineMethod("get_Interleaves", Override, typeof(bool), Type.EmptyTypes).GetILGenerator();
            interleaves.Emit(OpCodes.Ldc_I4_1);
            interleaves.Emit(OpCodes.Ret);
        }

        EmitBegin(type, method, fields);
        type.CreateType();
        return new Request(constructor, fields);
    }

    private static void EmitBegin(TypeBuilder type, GrainMethod method, FieldBuilder[] fields)
    {
        var il = type.DefineMethod(nameof(GrainRequest.Begin), Override, typeof(Task), [typeof(object)]).GetILGenerator();
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Castclass, method.Method.DeclaringType!);
        foreach (var field in fields)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, field);
        }

        il.Emit(OpCodes.Callvirt, method.Method);
        if (method.ReturnsValueTask)
        {
            var returned = il.DeclareLocal(method.Method.ReturnType);
            il.Emit(OpCodes.Stloc, returned);
            il.Emit(OpCodes.Ldloca, returned);
            il.Emit(OpCodes.Call, method.Method.ReturnType.GetMethod(nameof(ValueTask.AsTask))!);
        }

        il.Emit(OpCodes.Ret);
    }

    private static void EmitCall(TypeBuilder proxy, GrainMethod method, Request request)
    {
        var call = proxy.DefineMethod(
            $"{method.Method.DeclaringType}.{method.Method.Name}", Implementation, method.Method.ReturnType, method.Parameters);
        var il = call.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Newobj, request.Constructor);
        for (var i = 0; i < request.Arguments.Length; i++)
        {
            il.Emit(OpCodes.Dup);
            il.Emit(OpCodes.Ldarg, (short)(i + 1));
            il.Emit(OpCodes.Stfld, request.Arguments[i]);
        }

        il.Emit(OpCodes.Call, SendOf(method));
        if (method.ReturnsValueTask)
        {
            var task = method.Result is null ? typeof(Task) : typeof(Task<>).MakeGenericType(method.Result);
            il.Emit(OpCodes.Newobj, method.Method.ReturnType.GetConstructor([task])!);
        }

        il.Emit(OpCodes.Ret);
        proxy.DefineMethodOverride(call, method.Method);
    }

    private static MethodInfo SendOf(GrainMethod method)
    {
        var send = typeof(GrainReference).GetMethods(Declared).Single(candidate =>
            candidate.Name == nameof(GrainReference.Send)
            && candidate.IsGenericMethodDefinition == method.RequestBase.IsGenericType
            && (candidate.IsGenericMethodDefinition || candidate.GetParameters()[0].ParameterType == method.RequestBase));
        return method.Result is null ? send : send.MakeGenericMethod(method.Result);
    }

    private readonly record struct Request(ConstructorBuilder Constructor, FieldBuilder[] Arguments);
}
