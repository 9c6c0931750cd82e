using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace GenAI.Chats.Api.Tests.Reference;

/// <summary>The doc comments of options, as texts.</summary>
internal static partial class Comments
{
    private static readonly Dictionary<Assembly, Dictionary<string, XElement>> Files = [];

    /// <summary>Returns the comment of a property, with code in backticks.</summary>
    public static string Of(PropertyInfo property)
    {
        var type = property.DeclaringType!;
        if (!Files.TryGetValue(type.Assembly, out var members))
        {
            var file = XDocument.Load(Path.ChangeExtension(type.Assembly.Location, ".xml"));
            members = Files[type.Assembly] = file.Descendants("member").ToDictionary(static member => member.Attribute("name")!.Value);
        }

        var summary = members[$"P:{type.FullName}.{property.Name}"].Element("summary")!;
        var text = Spaces.Replace(string.Concat(summary.Nodes().Select(Render)), " ").Trim();
        text = Verb.Replace(text, "");
        return char.ToUpperInvariant(text[0]) + text[1..];
    }

    private static string Render(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => $"`{(see.Attribute("cref") ?? see.Attribute("langword"))!.Value.Split('.')[^1]}`",
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "item" } item => $" {string.Concat(item.Nodes().Select(Render))}",
        XElement element => string.Concat(element.Nodes().Select(Render)),
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces { get; }

    [GeneratedRegex("^(Gets or sets|Gets) ")]
    private static partial Regex Verb { get; }
}
