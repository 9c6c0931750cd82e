using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>
/// Copies field by field, by a method written once per type. It writes fields that are read-only in C#, as those of records are,
/// and leaves every field that it was not given at its default.
/// </summary>
internal sealed class MemberCopier<T> : Copier<T>
{
    private readonly Copier[] _copiers;
    private readonly Func<T, CopyContext, Copier[], T> _copy;

    public MemberCopier(FieldInfo[] fields, Func<Type, Copier> copierOf)
    {
        _copiers = [.. fields.Select(field => copierOf(field.FieldType))];
        _copy = Emit(fields);
        IsShallow = typeof(T).IsValueType && _copiers.All(copier => copier.IsShallow);
    }

    public override bool IsShallow { get; }

    public override T Copy(T value, CopyContext context) => value is null || IsShallow ? value : _copy(value, context, _copiers);

    private static Func<T, CopyContext, Copier[], T> Emit(FieldInfo[] fields)
    {
        Type[] parameters = [typeof(T), typeof(CopyContext), typeof(Copier[])];
        var module = typeof(MemberCopier<T>).Module;
        var method = new DynamicMethod($"Copy{typeof(T).Name}", typeof(T), parameters, module, skipVisibility: true);
        var il = method.GetILGenerator();
        var copy = il.DeclareLocal(typeof(T));
        if (!typeof(T).IsValueType)
        {
            EmitNew(il, copy);
        }

        for (var i = 0; i < fields.Length; i++)
        {
            var type = fields[i].FieldType;
            var copier = typeof(Copier<>).MakeGenericType(type);
            il.Emit(typeof(T).IsValueType ? OpCodes.Ldloca : OpCodes.Ldloc, copy);
            il.Emit(OpCodes.Ldarg_2);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Ldelem_Ref);
            il.Emit(OpCodes.Castclass, copier);
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, fields[i]);
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Callvirt, copier.GetMethod(nameof(Copy), [type, typeof(CopyContext)])!);
            il.Emit(OpCodes.Stfld, fields[i]);
        }

        il.Emit(OpCodes.Ldloc, copy);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<T, CopyContext, Copier[], T>>();
    }

    // Returns the copy if there is one; else makes it and records it.
    private static void EmitNew(ILGenerator il, LocalBuilder copy)
    {
        var create = il.DefineLabel();
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldloca, copy);
        il.Emit(OpCodes.Callvirt, typeof(CopyContext).GetMethod(nameof(CopyContext.TryGet))!.MakeGenericMethod(typeof(T)));
        il.Emit(OpCodes.Brfalse, create);
        il.Emit(OpCodes.Ldloc, copy);
        il.Emit(OpCodes.Ret);
        il.MarkLabel(create);
        const BindingFlags any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        if (typeof(T).GetConstructor(any, Type.EmptyTypes) is { } constructor)
        {
            il.Emit(OpCodes.Newobj, constructor);
        }
        else
        {
            il.Emit(OpCodes.Ldtoken, typeof(T));
            il.Emit(OpCodes.Call, typeof(Type).GetMethod(nameof(Type.GetTypeFromHandle))!);
            il.Emit(OpCodes.Call, typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.GetUninitializedObject))!);
            il.Emit(OpCodes.Castclass, typeof(T));
        }

        il.Emit(OpCodes.Stloc, copy);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldloc, copy);
        il.Emit(OpCodes.Callvirt, typeof(CopyContext).GetMethod(nameof(CopyContext.Record))!);
    }
}
