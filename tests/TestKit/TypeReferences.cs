using System.Reflection;
using System.Reflection.Emit;

namespace GenAI.Chats.TestKit;

/// <summary>Reads which types a type uses: in its declaration, in the signatures and attributes of its members, and in method bodies.</summary>
internal static class TypeReferences
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Instructions = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    /// <summary>Returns the used types, and the type or member that uses each of them. Nested types are read on their own.</summary>
    public static IEnumerable<(string User, Type Type)> Of(Type type)
    {
        var declared = OfDeclaration(type).Concat(OfAttributes(type)).SelectMany(Flatten).Select(used => (type.FullName!, used));
        return declared.Concat(
            from member in type.GetMembers(Declared)
            from used in OfMember(member).Concat(OfAttributes(member)).SelectMany(Flatten)
            select ($"{type.FullName}.{member.Name}", used));
    }

    private static IEnumerable<Type?> OfDeclaration(Type type)
    {
        // Without interfaces that come from a base type or with another interface.
        var interfaces = type.GetInterfaces();
        var inherited = interfaces.SelectMany(one => one.GetInterfaces()).Concat(type.BaseType?.GetInterfaces() ?? []);
        return [type.BaseType, .. interfaces.Except(inherited), .. OfConstraints(type.GetGenericArguments())];
    }

    private static IEnumerable<Type?> OfMember(MemberInfo member) => member switch
    {
        FieldInfo field => [field.FieldType],
        PropertyInfo property => [property.PropertyType],
        EventInfo raised => [raised.EventHandlerType],
        MethodInfo method => [method.ReturnType, .. OfConstraints(method.GetGenericArguments()), .. OfParametersAndBody(method)],
        ConstructorInfo constructor => OfParametersAndBody(constructor),
        _ => [],
    };

    private static IEnumerable<Type?> OfParametersAndBody(MethodBase method)
    {
        var parameters = method.GetParameters();
        var types = parameters.Select(parameter => parameter.ParameterType).Concat(parameters.SelectMany(parameter => OfAttributes(parameter.GetCustomAttributesData())));
        return method.GetMethodBody() is not { } body
            ? types
            : [
                .. types,
                .. body.LocalVariables.Select(variable => variable.LocalType),
                .. body.ExceptionHandlingClauses
                    .Where(clause => clause.Flags == ExceptionHandlingClauseOptions.Clause)
                    .Select(clause => clause.CatchType),
                .. Tokens(body.GetILAsByteArray()!).SelectMany(token => OfToken(method, token)),
            ];
    }

    private static IEnumerable<Type> OfConstraints(Type[] arguments) =>
        arguments.Where(argument => argument.IsGenericParameter).SelectMany(argument => argument.GetGenericParameterConstraints());

    private static IEnumerable<Type?> OfAttributes(MemberInfo member) => OfAttributes(member.GetCustomAttributesData());

    private static IEnumerable<Type?> OfAttributes(IEnumerable<CustomAttributeData> attributes) => attributes.SelectMany(attribute =>
        attribute.ConstructorArguments.Concat(attribute.NamedArguments.Select(argument => argument.TypedValue))
            .Select(argument => argument.Value as Type)
            .Append(attribute.AttributeType));

    private static IEnumerable<Type?> OfToken(MethodBase method, int token)
    {
        var ofType = method.DeclaringType!.GetGenericArguments();
        var ofMethod = method is MethodInfo ? method.GetGenericArguments() : [];
        return method.Module.ResolveMember(token, ofType, ofMethod) switch
        {
            Type type => [type],
            MethodInfo called => [called.DeclaringType, .. called.GetGenericArguments()],
            var member => [member?.DeclaringType],
        };
    }

    // The types, methods, and fields that a method's instructions name.
    private static IEnumerable<int> Tokens(byte[] body)
    {
        for (var at = 0; at < body.Length;)
        {
            var first = body[at++];
            var code = Instructions[first == 0xFE ? unchecked((short)(0xFE00 | body[at++])) : first];
            if (code.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                yield return BitConverter.ToInt32(body, at);
            }

            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(body, at)),
                _ => 4,
            };
        }
    }

    // A type's definition, and those of its elements and arguments.
    private static IEnumerable<Type> Flatten(Type? type) =>
        type is null or { IsGenericParameter: true } ? []
        : type.HasElementType ? Flatten(type.GetElementType())
        : type.IsConstructedGenericType ? type.GetGenericArguments().SelectMany(Flatten).Append(type.GetGenericTypeDefinition())
        : [type];
}
