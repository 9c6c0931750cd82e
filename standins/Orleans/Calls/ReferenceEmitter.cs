using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Orleans.Runtime;

/// <summary>
/// Writes the class that implements a grain interface at the caller: each method packs its arguments into a tuple and hands it to
/// the <see cref="GrainMethod"/> of the same index.
/// </summary>
internal static class ReferenceEmitter
{
    private static readonly Type[] ConstructorParameters = [typeof(GrainInterface), typeof(GrainFactory), typeof(GrainId)];

    private static readonly ConstructorInfo BaseConstructor =
        typeof(GrainReference).GetConstructor(BindingFlags.Instance | BindingFlags.NonPublic, ConstructorParameters)!;

    private static readonly FieldInfo MethodsField =
        typeof(GrainReference).GetField(nameof(GrainReference.Methods), BindingFlags.Instance | BindingFlags.NonPublic)!;

    private static readonly ConcurrentDictionary<Type, Lazy<Func<GrainInterface, GrainFactory, GrainId, GrainReference>>> Cache = new();

    public static Func<GrainInterface, GrainFactory, GrainId, GrainReference> Emit(Type type, MethodInfo[] methods) =>
        Cache.GetOrAdd(type, type => new(() => EmitClass(type, methods))).Value;

    private static Func<GrainInterface, GrainFactory, GrainId, GrainReference> EmitClass(Type type, MethodInfo[] methods)
    {
        var assembly = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("Orleans.StandIn.References"), AssemblyBuilderAccess.Run);
        AllowAccess(assembly, type, methods);
        var module = assembly.DefineDynamicModule("References");
        var builder = module.DefineType($"{type.Name}Reference", TypeAttributes.Sealed, typeof(GrainReference), [type]);
        EmitConstructor(builder);
        for (var i = 0; i < methods.Length; i++)
        {
            EmitMethod(builder, methods[i], i);
        }

        var constructor = builder.CreateType().GetConstructor(ConstructorParameters)!;
        ParameterExpression[] parameters = [.. ConstructorParameters.Select(Expression.Parameter)];
        var create = Expression.New(constructor, parameters);
        return Expression.Lambda<Func<GrainInterface, GrainFactory, GrainId, GrainReference>>(create, parameters).Compile();
    }

    private static void EmitConstructor(TypeBuilder builder)
    {
        var il = builder.DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, ConstructorParameters).GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Ldarg_3);
        il.Emit(OpCodes.Call, BaseConstructor);
        il.Emit(OpCodes.Ret);
    }

    private static void EmitMethod(TypeBuilder builder, MethodInfo method, int index)
    {
        Type[] parameters = [.. method.GetParameters().Select(parameter => parameter.ParameterType)];
        var implementation = builder.DefineMethod(
            $"{method.DeclaringType!.FullName}.{method.Name}",
            MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.NewSlot,
            method.ReturnType,
            parameters);
        builder.DefineMethodOverride(implementation, method);
        var methodType = Signature.MethodType(method);
        var argumentsType = Signature.ArgumentsType(method);
        var arguments = argumentsType.GetGenericArguments();
        var il = implementation.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, MethodsField);
        il.Emit(OpCodes.Ldc_I4, index);
        il.Emit(OpCodes.Ldelem_Ref);
        il.Emit(OpCodes.Castclass, methodType);
        il.Emit(OpCodes.Ldarg_0);
        if (arguments.Length == 0)
        {
            il.Emit(OpCodes.Ldloc, il.DeclareLocal(argumentsType));
        }
        else
        {
            for (var i = 1; i <= arguments.Length; i++)
            {
                il.Emit(OpCodes.Ldarg, (short)i);
            }

            il.Emit(OpCodes.Newobj, argumentsType.GetConstructor(arguments)!);
        }

        if (Signature.HasToken(method))
        {
            il.Emit(OpCodes.Ldarg, (short)parameters.Length);
        }
        else
        {
            il.Emit(OpCodes.Ldloc, il.DeclareLocal(typeof(CancellationToken)));
        }

        il.Emit(OpCodes.Call, methodType.GetMethod("Call")!);
        il.Emit(OpCodes.Ret);
    }

    // Grain interfaces and what they carry may be internal to their assemblies.
    private static void AllowAccess(AssemblyBuilder assembly, Type type, MethodInfo[] methods)
    {
        var types = methods.SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType))
            .Concat(methods.Select(method => method.ReturnType))
            .Append(type)
            .Append(typeof(GrainReference));
        var names = types.SelectMany(Parts).Select(each => each.Assembly.GetName().Name!).Distinct();
        var constructor = typeof(IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!;
        foreach (var name in names)
        {
            assembly.SetCustomAttribute(new CustomAttributeBuilder(constructor, [name]));
        }
    }

    private static IEnumerable<Type> Parts(Type type) => type.HasElementType
        ? Parts(type.GetElementType()!)
        : type.GetGenericArguments().SelectMany(Parts).Append(type);
}
