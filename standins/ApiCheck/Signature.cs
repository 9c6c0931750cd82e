using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace GenAI.Chats.ApiCheck;

/// <summary>Types and members in words, much as C# writes them, with full names.</summary>
internal static class Signature
{
    public static string Of(Type type)
    {
        if (type.IsByRef)
        {
            return Of(type.GetElementType()!) + "&";
        }

        if (type.IsPointer)
        {
            return Of(type.GetElementType()!) + "*";
        }

        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        }

        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Of(value) + "?";
        }

        return type.IsGenericType ? OfGeneric(type) : type.FullName!.Replace('+', '.');
    }

    public static string Of(MethodInfo method)
    {
        var arguments = method.IsGenericMethod ? method.GetGenericArguments() : [];
        var names = arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(argument => argument.Name))}>";
        var extended = method.IsDefined(typeof(ExtensionAttribute), inherit: false) ? "this " : "";
        return $"{Modifiers(method)}{Of(method.ReturnType)} {method.Name}{names}"
            + $"({extended}{Parameters(method.GetParameters())}){Constraints(arguments)}";
    }

    public static string Of(PropertyInfo property, MethodInfo accessor)
    {
        var index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{Parameters(parameters)}]" : "";
        var kind = accessor == property.GetMethod ? "get"
            : accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init"
            : "set";
        return $"{Modifiers(accessor)}{Of(property.PropertyType)} {property.Name}{index} {Access(accessor)}{kind};";
    }

    public static string Of(FieldInfo field)
    {
        var kind = field.IsLiteral ? "const " : field.IsStatic ? "static " : "";
        return $"{kind}{(field.IsInitOnly ? "readonly " : "")}{Of(field.FieldType)} {field.Name}";
    }

    public static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    public static string Parameters(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(Parameter));

    public static string Kind(Type type) =>
        type.IsEnum ? "enum"
        : type.IsInterface ? "interface"
        : typeof(Delegate).IsAssignableFrom(type) ? "delegate"
        : type.IsValueType ? "struct"
        : type.IsAbstract && type.IsSealed ? "static class"
        : type.IsAbstract ? "abstract class"
        : type.IsSealed ? "sealed class"
        : "class";

    public static string Constraints(IEnumerable<Type> arguments) =>
        string.Concat(
            from argument in arguments
            where argument.IsGenericParameter
            let constraints = string.Join(", ", ConstraintsOf(argument))
            where constraints != ""
            select $" where {argument.Name} : {constraints}");

    private static IEnumerable<string> ConstraintsOf(Type argument)
    {
        var flags = argument.GenericParameterAttributes;
        var types = argument.GetGenericParameterConstraints().Where(type => type != typeof(ValueType)).Select(Of);
        if (flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint))
        {
            return types.Prepend("struct");
        }

        IEnumerable<string> first = flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? ["class"] : [];
        IEnumerable<string> last = flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) ? ["new()"] : [];
        return [.. first, .. types, .. last];
    }

    private static string Modifiers(MethodInfo method) =>
        Access(method)
        + (method.IsStatic ? "static "
            : method.DeclaringType!.IsInterface ? ""
            : method.IsAbstract ? "abstract "
            : !method.IsVirtual || method.IsFinal ? ""
            : method.GetBaseDefinition() == method ? "virtual "
            : "override ");

    private static string Parameter(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        var direction = type.IsByRef
            ? parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref "
            : parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "";
        var value = parameter.HasDefaultValue ? " = " + Default(parameter.RawDefaultValue) : "";
        return $"{direction}{Of(type.IsByRef ? type.GetElementType()! : type)} {parameter.Name}{value}";
    }

    private static string Default(object? value) =>
        value is null ? "default" : value is string text ? $"\"{text}\"" : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    /// <summary>A nested type's arguments begin with those of the types around it, so each name takes its share.</summary>
    private static string OfGeneric(Type type)
    {
        var arguments = new Queue<string>(type.GetGenericArguments().Select(Of));
        var name = new StringBuilder();
        foreach (var segment in type.GetGenericTypeDefinition().FullName!.Split('+'))
        {
            var parts = segment.Split('`');
            name.Append(name.Length > 0 ? "." : "").Append(parts[0]);
            if (parts.Length > 1)
            {
                var count = int.Parse(parts[1], CultureInfo.InvariantCulture);
                var own = Enumerable.Range(0, count).Select(_ => arguments.Dequeue());
                name.Append('<').AppendJoin(", ", own).Append('>');
            }
        }

        return name.ToString();
    }
}
