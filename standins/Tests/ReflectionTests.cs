using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using V1Alpha = Grpc.Reflection.V1Alpha;

namespace GenAI.Chats.StandIns;

/// <summary>Both versions of reflection tell what the server serves.</summary>
public sealed class ReflectionTests : IAsyncLifetime
{
    private GrpcServer _server = null!;

    public async Task InitializeAsync() =>
        _server = await GrpcServer.StartAsync(
            services =>
            {
                services.AddGrpc();
                services.AddGrpcReflection();
            },
            app =>
            {
                app.MapGrpcService<EchoService>();
                app.MapGrpcReflectionService();
            });

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ListServices_NamesEveryMappedService(bool alpha)
    {
        var answer = await AskAsync(alpha, new ServerReflectionRequest { ListServices = "*" });

        Assert.Equal(
            ["genai.chats.standins.Echo", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"],
            answer.ListServicesResponse.Service.Select(service => service.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FileByFilename_GivesTheFileAndWhatItImports(bool alpha)
    {
        var answer = await AskAsync(alpha, new ServerReflectionRequest { FileByFilename = "echo.proto" });

        Assert.Equal(["echo.proto", "said.proto"], FilesOf(answer).Select(file => file.Name));
    }

    [Theory]
    [InlineData(false, "genai.chats.standins.Echo", "echo.proto")]
    [InlineData(false, "genai.chats.standins.Echo.Each", "echo.proto")]
    [InlineData(false, "genai.chats.standins.Said", "said.proto")]
    [InlineData(true, "genai.chats.standins.Echo", "echo.proto")]
    [InlineData(true, "grpc.reflection.v1alpha.ServerReflectionRequest", "grpc/reflection/v1alpha/reflection.proto")]
    public async Task FileContainingSymbol_GivesTheFileFirst(bool alpha, string symbol, string file)
    {
        var answer = await AskAsync(alpha, new ServerReflectionRequest { FileContainingSymbol = symbol });

        Assert.Equal(file, FilesOf(answer)[0].Name);
    }

    [Fact]
    public async Task Files_AsGiven_BuildTheDescriptorsAnew()
    {
        var answer = await AskAsync(alpha: false, new ServerReflectionRequest { FileContainingSymbol = "genai.chats.standins.Echo" });

        var rebuilt = FileDescriptor.BuildFromByteStrings(answer.FileDescriptorResponse.FileDescriptorProto.Reverse());

        Assert.Equal(6, rebuilt.SelectMany(file => file.Services).Single().Methods.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Unknown_IsAnAnswerNotAFailure(bool alpha)
    {
        var file = await AskAsync(alpha, new ServerReflectionRequest { FileByFilename = "nothing.proto" });
        var symbol = await AskAsync(alpha, new ServerReflectionRequest { FileContainingSymbol = "no.Such" });
        var unsupported = await AskAsync(alpha, new ServerReflectionRequest { AllExtensionNumbersOfType = "no.Such" });

        Assert.Equal((int)StatusCode.NotFound, file.ErrorResponse.ErrorCode);
        Assert.Equal((int)StatusCode.NotFound, symbol.ErrorResponse.ErrorCode);
        Assert.Equal((int)StatusCode.Unimplemented, unsupported.ErrorResponse.ErrorCode);
    }

    [Fact]
    public async Task Map_WithoutTheServices_SaysWhatIsMissing()
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => GrpcServer.StartAsync(services => services.AddGrpc(), app => app.MapGrpcReflectionService()));

        Assert.Contains("AddGrpcReflection", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>The two versions are the same bytes, so the tests speak one and send either.</summary>
    private async Task<ServerReflectionResponse> AskAsync(bool alpha, ServerReflectionRequest request)
    {
        if (!alpha)
        {
            using var call = new ServerReflection.ServerReflectionClient(_server.Channel).ServerReflectionInfo();
            return await AskAsync(call, request);
        }

        using var alphaCall = new V1Alpha.ServerReflection.ServerReflectionClient(_server.Channel).ServerReflectionInfo();
        var alphaRequest = V1Alpha.ServerReflectionRequest.Parser.ParseFrom(request.ToByteString());
        return ServerReflectionResponse.Parser.ParseFrom((await AskAsync(alphaCall, alphaRequest)).ToByteString());
    }

    private static async Task<TResponse> AskAsync<TRequest, TResponse>(
        AsyncDuplexStreamingCall<TRequest, TResponse> call, TRequest request)
        where TResponse : class
    {
        await call.RequestStream.WriteAsync(request);
        Assert.True(await call.ResponseStream.MoveNext());
        var answer = call.ResponseStream.Current;
        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
        return answer;
    }

    private static List<FileDescriptorProto> FilesOf(ServerReflectionResponse answer) =>
        [.. answer.FileDescriptorResponse.FileDescriptorProto.Select(FileDescriptorProto.Parser.ParseFrom)];
}
