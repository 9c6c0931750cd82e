using System.Reflection;
using System.Reflection.Emit;
using GenAI.Chats.ApiCheck;
using Grpc.Core;

namespace GenAI.Chats.StandIns;

/// <summary>No stand-in has API that the packages it stands in for lack.</summary>
public sealed class ApiSubsetTests
{
    [Theory]
    [InlineData("Grpc.Core.Api", "grpc")]
    [InlineData("Grpc.Net.Common", "grpc")]
    [InlineData("Grpc.HealthCheck", "grpc")]
    [InlineData("Grpc.Reflection", "grpc")]
    [InlineData("Orleans.StandIn", "orleans")]
    public void StandIn_HasOnlyPublishedApi(string assembly, string list)
    {
        var standIn = Assembly.Load(assembly);

        var own = PublicApi.NotIn(Published(list), standIn);

        Assert.True(own.Count == 0, $"{own.Count} facts that the published list lacks:\n{string.Join('\n', own)}");
        Assert.NotEmpty(standIn.GetExportedTypes());
    }

    [Fact]
    public void StandIn_WithAMemberOfItsOwn_IsFound()
    {
        var fabricated = Fabricate(
            nameof(ChannelBase),
            type => type.DefineMethod("Explode", MethodAttributes.Public | MethodAttributes.Static, typeof(int), [typeof(string)])
                .DefineParameter(1, ParameterAttributes.None, "fuse"));

        var found = PublicApi.NotIn(Published("grpc"), fabricated);

        Assert.Contains("Grpc.Core.ChannelBase  [method] static System.Int32 Explode(System.String fuse)", found);
    }

    [Fact]
    public void StandIn_WithATypeOfItsOwn_IsFound()
    {
        var fabricated = Fabricate("Teapot", _ => { });

        Assert.Contains("Grpc.Core.Teapot  [type] abstract class", PublicApi.NotIn(Published("grpc"), fabricated));
    }

    private static string Published(string list) => Path.Combine(AppContext.BaseDirectory, "published", $"{list}.txt");

    /// <summary>An assembly with one type of the contract's namespace.</summary>
    private static Assembly Fabricate(string name, Action<TypeBuilder> define)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName("Fabricated"), typeof(object).Assembly);
        var type = assembly.DefineDynamicModule("Fabricated")
            .DefineType($"Grpc.Core.{name}", TypeAttributes.Public | TypeAttributes.Abstract);
        define(type);
        type.CreateType();
        using var image = new MemoryStream();
        assembly.Save(image);
        return Assembly.Load(image.ToArray());
    }
}
