namespace GenAI.Chats.Api.Web.Rest;

/// <summary>A path with variables, as google.api.http writes it: <c>/v1/{name=chats/*}/turns/{turn_id}:read</c>.</summary>
internal sealed partial class RestPath
{
    /// <summary>Parses a path.</summary>
    public RestPath(string template)
    {
        Template = template;
        Variables = [.. Variable.Matches(template).Select(static match => new RestVariable(match.Groups["field"].Value, match.Groups["prefix"].Value))];
        Pattern = Variable.Replace(template, static match => $"{match.Groups["prefix"].Value}{{{NameOf(match.Groups["field"].Value)}}}");
    }

    /// <summary>Gets the path as google.api.http writes it.</summary>
    public string Template { get; }

    /// <summary>Gets the path as ASP.NET Core and OpenAPI write it, such as <c>/v1/chats/{name}</c>.</summary>
    public string Pattern { get; }

    /// <summary>Gets the variables.</summary>
    public IReadOnlyList<RestVariable> Variables { get; }

    // The parameters of routes have no paths.
    private static string NameOf(string field) => field[(field.LastIndexOf('.') + 1)..];

    [GeneratedRegex(@"\{(?<field>[a-z_.]+)(=(?<prefix>[a-z/]+)\*)?\}")]
    private static partial Regex Variable { get; }

    /// <summary>A variable of a path.</summary>
    /// <param name="Field">The path of the field, such as <c>chat.name</c>.</param>
    /// <param name="Prefix">The beginning of the field's value, such as <c>chats/</c>. Empty if the variable is the whole value.</param>
    internal sealed record RestVariable(string Field, string Prefix)
    {
        /// <summary>Gets the name of the parameter in <see cref="Pattern"/>.</summary>
        public string Parameter => NameOf(Field);
    }
}
