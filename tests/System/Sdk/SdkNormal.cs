using System.Text.Json.Nodes;

namespace GenAI.Chats.SystemTests.Sdk;

/// <summary>
/// Takes out of requests what docs/reference/sdk-compatibility.md lists as a matter of form: the SDK keeps each chunk of a stream as a content of its own,
/// and sends a generationConfig that is empty.
/// </summary>
internal static class SdkNormal
{
    public static JsonObject Of(JsonObject body)
    {
        var normal = body.DeepClone().AsObject();
        var contents = new JsonArray();
        foreach (var content in body["contents"]!.AsArray())
        {
            if (contents.Count > 0 && IsModels(contents[^1]!) && IsModels(content!))
            {
                foreach (var part in content!["parts"]!.AsArray())
                {
                    Add(contents[^1]!["parts"]!.AsArray(), part!);
                }
            }
            else
            {
                var copy = content!.DeepClone();
                copy["parts"] = new JsonArray();
                foreach (var part in content["parts"]!.AsArray())
                {
                    Add(copy["parts"]!.AsArray(), part!);
                }

                contents.Add(copy);
            }
        }

        normal["contents"] = contents;
        if (normal["generationConfig"] is JsonObject { Count: 0 })
        {
            normal.Remove("generationConfig");
        }

        return normal;
    }

    private static bool IsModels(JsonNode content) => content["role"]!.GetValue<string>() == "model";

    private static void Add(JsonArray parts, JsonNode part)
    {
        if (parts.Count > 0 && IsPlain(parts[^1]!) && IsPlain(part) && IsThought(parts[^1]!) == IsThought(part))
        {
            parts[^1]!["text"] = parts[^1]!["text"]!.GetValue<string>() + part["text"]!.GetValue<string>();
        }
        else
        {
            parts.Add(part.DeepClone());
        }
    }

    private static bool IsPlain(JsonNode part) => part["text"] is not null && part.AsObject().All(member => member.Key is "text" or "thought");

    private static bool IsThought(JsonNode part) => part["thought"]?.GetValue<bool>() == true;
}
